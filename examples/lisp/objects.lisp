; Objects inherit from objects. A method is an attribute; in it, `self` is the object that it was called on.
(define animal (new object 'legs 4))
(set! animal 'describe (method () (text (get self 'name) " walks on " (get self 'legs) " legs and says " (.sound self))))
(set! animal 'sound (method () "nothing"))

(define dog (new animal))
(set! dog 'sound (method () "woof"))
(define rex (new dog 'name "Rex"))
(print (.describe rex))

; Prototypes are live: what is added later is seen.
(set! animal 'legs 6)
(set! dog 'chase (method (what) (text (get self 'name) " chases " what)))
(print (.describe rex))
(print (.chase rex "a ball"))
(print (get rex 'wings))

; Records never change; a new version shares what did not.
(define point (record object 'x 1 'y 2))
(define moved (.move (record (new object 'move (method (dx) (list (+ (get self 'x) dx) (get self 'y)))) 'x 10 'y 20) 5))
(print (get point 'x) " " moved " " (= point (record object 'x 1 'y 2)))

; Methods that end with a call of a method take no stack.
(define ring (new object))
(set! ring 'turn (method (n) (if (= n 0) "home" (.turn (get self 'next) (- n 1)))))
(define a (new ring))
(define b (new ring 'next a))
(set! a 'next b)
(print (.turn a 20001))

; Garbage of calls is freed when they end; what a mutable object holds stays.
(define keeper (new object 'kept none))
(define (churn n)
  (if (= n 0) none
      (begin
        (set! keeper 'kept (list n (text "item " n " of many") (record object 'n n)))
        (churn (- n 1)))))
(churn 300)
(print (.get (get keeper 'kept) 1) " " (get (.get (get keeper 'kept) 2) 'n))
