; Numbers, strings, lists, dictionaries, functions.
(print (+ 1 2) " " (* 1.5 4) " " (- 10 3 2) " " (/ 1 4) " " (quotient -7 2) " " (modulo -7 2))
(define (factorial n) (if (< n 2) 1 (* n (factorial (- n 1)))))
(print (factorial 30))
(print (quotient (factorial 50) (factorial 48)) " " (.size (text (factorial 300))))
(print (= 1 1.0) " " (= (+ 9007199254740992 1) 9007199254740992.0) " " (< 1 1.5) " " (>= 2 2))

(define words (list "one" "two" "three"))
(print words " " (.size words) " " (.get words 1) " " (.append words 4))
(print (.map words (lambda (word) (.upper word))) " " (.join ", " words))
(print '(a (b "c") 12) " " (.first '(x y)))
(print (.size "héllo wörld") " " (.slice "héllo wörld" 1 5) " " (text "a" 1 "b"))

(define ages (dictionary "ann" 31 "bob" 27))
(define older (.put ages "cyd" 64))
(print (.size ages) " " (.size older) " " (.at older "cyd") " " (.at ages "cyd"))

; A variable that closures share is one variable.
(define (make-counter)
  (let ((count 0))
    (list (lambda () (set! count (+ count 1))) (lambda () count))))
(define counter (make-counter))
(define increase (.get counter 0))
(increase) (increase)
(print "counted " ((.get counter 1)) " and " ((.get (make-counter) 1)))
(define (adder n) (lambda (x) (+ x n)))
(print ((adder 3) 4) " " (.map (list 1 2 3) (adder 10)))

; Tail calls take no stack: a million of them.
(define (count-down n) (if (= n 0) "done" (count-down (- n 1))))
(define (even n) (if (= n 0) true (odd (- n 1))))
(define (odd n) (if (= n 0) false (even (- n 1))))
(print (count-down 100000) " " (even 100001))

(define total 0)
(let ((i 0))
  (while (< i 1000)
    (set! total (+ total i))
    (set! i (+ i 1))))
(print total " " (and 1 2) " " (or false none 3) " " (and) " " (if none 1 2) " " (not none))
