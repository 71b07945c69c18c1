// The grammar of ProtoBase's SQL. Tokens come from internal/tokens.def; internal/scanner.h makes them from text and
// internal/token_roles.cc settles what a word or a parenthesis is before the parser sees it. That is why nearly every
// decision here needs one token of lookahead, and why SLL prediction never has to give up: keep it so.
//
// scripts/generate_parser turns this file into query/parser/generated (replacing UNRESERVED_WORDS by the list).
parser grammar Sql;

options { tokenVocab = SqlTokens; }

single : inner=statement EOF ;

statement
    : with=with_clause? body=withable
    | definition=create
    | removal=drop
    | alteration=alter
    | start_=begin
    | finish=transaction_end
    | mark=savepoint
    | explanation=explain
    | listing=show
    | description=describe
    | assignment_=setting
    | upkeep=maintenance
    ;

withable : tail=query_tail | insertion=insert | change=update | deletion=delete_ ;

// ---- names -----------------------------------------------------------------------------------------------------------

name : token=(IDENTIFIER | QUOTED_IDENTIFIER | UNRESERVED_WORDS) ;

object_name : first=name (DOT second=name)? ;

names : LPAREN items+=name (COMMA items+=name)* RPAREN ;

path : first=name steps+=path_step* ;

path_step
    : kind=DOT (attribute=name | star=STAR)
    | kind=LBRACKET (low=expression? (slice=COLON high=expression?)? | star=STAR) RBRACKET
    ;

type_name
    : first=name (second=PRECISION | second=VARYING)?
      (LPAREN parameters+=type_parameter (COMMA parameters+=type_parameter)* RPAREN)?
      (zone=(WITH_ZONE | WITHOUT_ZONE) name name)?
      dimensions+=array_dimension*
    ;

type_parameter : number=INTEGER | word=name ;

array_dimension : LBRACKET INTEGER? RBRACKET ;

// ---- expressions, tightest first ------------------------------------------------------------------------------------

expression
    : base=atom steps+=path_step*
    | left=expression op=DOUBLE_COLON type=type_name
    | left=expression op=COLLATE collation=name
    | op=(PLUS | MINUS | TILDE) right=expression
    | left=expression op=(ARROW | DOUBLE_ARROW) right=expression
    | left=expression op=(STAR | SLASH | PERCENT) right=expression
    | left=expression op=(PLUS | MINUS) right=expression
    | left=expression op=(CONCAT | AMPERSAND | PIPE | SHIFT_LEFT | SHIFT_RIGHT | L2_DISTANCE | COSINE_DISTANCE | INNER_PRODUCT | L1_DISTANCE | CONTAINS_ALL | CONTAINED_BY) right=expression
    | left=expression op=ESCAPE right=expression
    | left=expression negated=INFIX_NOT? op=BETWEEN low=expression BETWEEN_AND right=expression
    | left=expression negated=INFIX_NOT? op=IN in=in_operand
    | left=expression negated=INFIX_NOT? op=(LIKE | ILIKE | GLOB | REGEXP | CONTAINS) right=expression
    | left=expression negated=INFIX_NOT? op=SIMILAR TO right=expression
    | left=expression op=(LESS | LESS_EQUAL | GREATER | GREATER_EQUAL) right=expression
    | left=expression op=(EQUAL | DOUBLE_EQUAL | NOT_EQUAL | BANG_EQUAL) right=expression
    | left=expression op=IS_TEST negated=NOT? test=(NULL | TRUE | FALSE | MISSING | UNKNOWN)
    | left=expression op=(ISNULL | NOTNULL)
    | left=expression op=(IS | IS_NOT | IS_DISTINCT | IS_NOT_DISTINCT) right=expression
    | op=NOT right=expression
    | left=expression op=AND right=expression
    | left=expression op=OR right=expression
    ;

in_operand
    : kind=LPAREN list=expressions? RPAREN
    | kind=LPAREN_QUERY subquery=query RPAREN
    | base=array_operand steps+=path_step*
    ;

array_operand
    : function=name arguments=call?
    | token=(POSITIONAL_PARAMETER | NUMBERED_PARAMETER | NAMED_PARAMETER | STRING | ESCAPED_STRING)
    | token=ARRAY? elements=array
    ;

expressions : items+=expression (COMMA items+=expression)* ;

atom
    : token=(INTEGER | DECIMAL | STRING | ESCAPED_STRING | BLOB | NULL | TRUE | FALSE | POSITIONAL_PARAMETER | NUMBERED_PARAMETER | NAMED_PARAMETER)
    | function=name arguments=call?
    | token=LPAREN list=expressions RPAREN
    | token=LPAREN_QUERY subquery=query RPAREN
    | token=(DATE | TIME | TIMESTAMP) text=(STRING | ESCAPED_STRING)
    | token=INTERVAL text=(STRING | INTEGER | DECIMAL) unit=INTERVAL_UNIT?
    | token=ROW LPAREN list=expressions? RPAREN
    | token=ARRAY elements=array
    | elements=array
    | members=object
    | token=CASE operand=expression? whens+=when_clause+ (ELSE otherwise=expression)? END
    | token=(CAST | TRY_CAST) LPAREN operand=expression AS type=type_name RPAREN
    | token=EXISTS LPAREN_QUERY subquery=query RPAREN
    | token=(ANY | ALL | SOME) (LPAREN_QUERY subquery=query | LPAREN operand=expression) RPAREN
    | token=EXTRACT LPAREN (field=name | text=STRING | unit=INTERVAL_UNIT) (FROM | COMMA) operand=expression RPAREN
    | token=POSITION LPAREN list=expressions RPAREN
    | token=SUBSTRING LPAREN operand=expression (separator=COMMA list=expressions | FROM low=expression (FOR high=expression)? | FOR high=expression) RPAREN
    | token=TRIM LPAREN side=(BOTH | LEADING | TRAILING)? operand=expression? (separator=FROM low=expression | separator=COMMA list=expressions)? RPAREN
    ;

when_clause : WHEN condition=expression THEN result=expression ;

array : LBRACKET list=expressions? RBRACKET ;

object : LBRACE (members+=object_member (COMMA members+=object_member)*)? RBRACE ;

object_member : (key=name | text=(STRING | ESCAPED_STRING)) (COLON value=expression)? ;

call
    : LPAREN (star=STAR | quantifier=(DISTINCT | ALL)? items+=argument (COMMA items+=argument)* order=order_by?)? RPAREN
      (FILTER LPAREN WHERE filter=expression RPAREN)?
      (OVER (window_name=name | over=window_definition))?
    ;

argument
    : parameter=LAMBDA_NAME LAMBDA_ARROW value=expression
    | LPAREN_LAMBDA parameters+=name (COMMA parameters+=name)* RPAREN LAMBDA_ARROW value=expression
    | label=ARGUMENT_NAME FAT_ARROW value=expression
    | value=expression
    ;

window_definition : LPAREN base=name? (PARTITION BY partition=expressions)? order=order_by? frame=window_frame? RPAREN ;

window_frame
    : unit=(ROWS | RANGE | GROUPS) (start_bound=frame_bound | BETWEEN start_bound=frame_bound BETWEEN_AND end_bound=frame_bound)
      (EXCLUDE (exclude=CURRENT name | exclude=GROUP | exclude=TIES | exclude=NO OTHERS))?
    ;

frame_bound
    : unbounded=UNBOUNDED side=(PRECEDING | FOLLOWING)
    | current=CURRENT name
    | distance=expression side=(PRECEDING | FOLLOWING)
    ;

// ---- queries ---------------------------------------------------------------------------------------------------------

query : with=with_clause? tail=query_tail ;

with_clause : WITH recursive=RECURSIVE? tables+=common_table (COMMA tables+=common_table)* ;

common_table : table=name columns=names? AS LPAREN_QUERY source=query RPAREN ;

query_tail : body=query_body order=order_by? limits_+=limit_clause* ;

limit_clause
    : kind=LIMIT (all=ALL | first=expression (COMMA second=expression)?)
    | kind=OFFSET first=expression (ROWS | row_word)?
    | kind=FETCH (FIRST | NEXT) count=fetch_count? (ROWS | row_word) ONLY
    ;

row_word : IDENTIFIER ;

fetch_count : token=(INTEGER | POSITIONAL_PARAMETER | NUMBERED_PARAMETER | NAMED_PARAMETER) ;

order_by : ORDER BY items+=order_item (COMMA items+=order_item)* ;

order_item : value=expression direction=(ASC | DESC)? (NULLS nulls=(FIRST | LAST))? ;

query_body : terms+=query_term (operators+=set_operator terms+=query_term)* ;

set_operator : token=(UNION | EXCEPT) quantifier=(ALL | DISTINCT)? ;

query_term : items+=query_primary (operators+=intersect_operator items+=query_primary)* ;

intersect_operator : token=INTERSECT quantifier=(ALL | DISTINCT)? ;

query_primary : core=select | rows=values | LPAREN_QUERY nested=query RPAREN ;

select
    : SELECT (ALL | distinct=DISTINCT (ON LPAREN on=expressions RPAREN)?)? value=VALUE? items=select_items
      (FROM from=table_refs)?
      (WHERE where=expression)?
      (GROUP BY groups+=group_item (COMMA groups+=group_item)*)?
      (HAVING having=expression)?
      (WINDOW windows+=named_window (COMMA windows+=named_window)*)?
    ;

select_items : items+=select_item (COMMA items+=select_item)* ;

select_item : star=STAR | value=expression alias=column_alias? ;

column_alias : AS (id=name | text=STRING) | id=name ;

named_window : id=name AS definition=window_definition ;

group_item
    : kind=(ROLLUP | CUBE) LPAREN sets+=grouping_set (COMMA sets+=grouping_set)* RPAREN
    | kind=GROUPING SETS LPAREN sets+=grouping_set (COMMA sets+=grouping_set)* RPAREN
    | value=expression
    ;

grouping_set : LPAREN RPAREN | value=expression ;

values : VALUES rows+=values_row (COMMA rows+=values_row)* ;

values_row : ROW? LPAREN list=expressions RPAREN | members=object ;

table_refs : items+=table_ref (COMMA items+=table_ref)* ;

table_ref : first=table_primary joins+=join_clause* ;

join_clause
    : natural=NATURAL? (kind=(INNER | CROSS | SEMI | ANTI) | side=(LEFT | RIGHT | FULL) kind=(OUTER | SEMI | ANTI)?)? JOIN
      right=table_primary (ON on=expression | USING columns=names)?
    ;

table_primary
    : lateral=LATERAL? (LPAREN_QUERY subquery=query RPAREN | parts+=name (DOT parts+=name)* (function=call (WITH ordinality=ORDINALITY)?)? time=as_of?)
      alias=table_alias?
    | LPAREN nested=table_ref RPAREN
    ;

as_of : AS_OF (kind=SNAPSHOT id=name | kind=TIMESTAMP value=expression | kind=COMMIT value=expression) ;

table_alias : AS? id=name columns=names? ;

// ---- changes ---------------------------------------------------------------------------------------------------------

insert
    : (INSERT (OR action=(REPLACE | IGNORE | ABORT | FAIL | ROLLBACK))? | replace=REPLACE) INTO target=object_name (AS alias=name)?
      (LPAREN columns+=path (COMMA columns+=path)* RPAREN)?
      (source=query | objects+=object (COMMA objects+=object)* | defaults=DEFAULT VALUES)
      conflict=on_conflict? result=returning?
    ;

on_conflict
    : ON_CONFLICT CONFLICT (LPAREN target=expressions RPAREN)?
      DO (nothing=NOTHING | UPDATE SET items+=assignment (COMMA items+=assignment)* (WHERE where=expression)?)
    ;

returning : RETURNING items=select_items ;

update : UPDATE target=object_name alias=table_alias? clauses+=update_clause+ (FROM from=table_refs)? (WHERE where=expression)? result=returning? ;

update_clause
    : kind=SET items+=assignment (COMMA items+=assignment)*
    | kind=UNSET paths+=path (COMMA paths+=path)*
    ;

assignment
    : targets+=path EQUAL value=expression
    | tuple=LPAREN targets+=path (COMMA targets+=path)* RPAREN EQUAL value=expression
    ;

delete_ : DELETE FROM target=object_name alias=table_alias? (USING tables=table_refs)? (WHERE where=expression)? result=returning? ;

// ---- definitions -----------------------------------------------------------------------------------------------------

create
    : CREATE (OR replace=REPLACE)? temporary=(TEMP | TEMPORARY)? unique=UNIQUE?
      (collection=create_collection | index=create_index | view=create_view | snapshot=create_snapshot)
    ;

if_not_exists : IF NOT EXISTS ;

if_exists : IF EXISTS ;

create_collection
    : kind=(TABLE | COLLECTION) missing=if_not_exists? id=object_name
      (LPAREN (elements+=table_element (COMMA elements+=table_element)*)? RPAREN)? (WITH with_options=option_list)? (AS source=query)?
    ;

table_element : column=column_definition | constraint=table_constraint ;

column_definition : id=name type=type_name? constraints+=column_constraint* ;

column_constraint
    : (CONSTRAINT id=name)?
      ( kind=PRIMARY KEY (ASC | DESC)?
      | kind=UNIQUE
      | negated=NOT kind=NULL
      | kind=NULL
      | kind=DEFAULT value=expression
      | kind=CHECK LPAREN value=expression RPAREN
      | kind=REFERENCES target=reference
      )
    ;

table_constraint
    : (CONSTRAINT id=name)?
      ( kind=PRIMARY KEY columns=names
      | kind=UNIQUE columns=names
      | kind=CHECK LPAREN value=expression RPAREN
      | kind=FOREIGN KEY columns=names REFERENCES target=reference
      )
    ;

reference : target=object_name columns=names? actions+=reference_action* ;

reference_action : ON event=(DELETE | UPDATE) (kind=CASCADE | kind=RESTRICT | SET (kind=NULL | kind=DEFAULT) | kind=NO ACTION) ;

option_list : LPAREN (items+=option (COMMA items+=option)*)? RPAREN ;

option : id=name (EQUAL value=expression)? ;

create_index
    : INDEX missing=if_not_exists? id=name? ON target=object_name (USING method=name)?
      LPAREN parts+=index_part (COMMA parts+=index_part)* RPAREN
      (INCLUDE LPAREN include=expressions RPAREN)? (WITH with_options=option_list)? (WHERE where=expression)?
    ;

index_part : value=expression operator_class=name? direction=(ASC | DESC)? (NULLS nulls=(FIRST | LAST))? ;

create_view : VIEW missing=if_not_exists? id=object_name columns=names? AS source=query ;

create_snapshot : SNAPSHOT missing=if_not_exists? id=name ;

drop
    : DROP kind=(TABLE | COLLECTION | INDEX | VIEW | SNAPSHOT) present=if_exists? targets+=object_name (COMMA targets+=object_name)*
      behaviour=(CASCADE | RESTRICT)?
    ;

alter
    : ALTER (TABLE | COLLECTION) present=if_exists? target=object_name
      ( add=ADD (COLUMN? missing=if_not_exists? definition=column_definition | constraint=table_constraint)
      | drop_=DROP (constraint_word=CONSTRAINT id=name | COLUMN? column_present=if_exists? id=name (CASCADE | RESTRICT)?)
      | rename=RENAME (TO new_name=name | COLUMN? id=name TO new_name=name)
      | change_=ALTER COLUMN? id=name change=column_change
      )
    ;

column_change
    : SET (default_=DEFAULT value=expression | not_null=NOT NULL | DATA? TYPE type=type_name)
    | drop_=DROP (default_=DEFAULT | not_null=NOT NULL)
    | TYPE type=type_name
    ;

// ---- transactions and the rest ---------------------------------------------------------------------------------------

begin : (BEGIN (TRANSACTION | WORK)? | START TRANSACTION) modes+=transaction_mode? (COMMA? modes+=transaction_mode)* ;

transaction_mode
    : READ kind=(ONLY | WRITE)
    | kind=(DEFERRED | IMMEDIATE | EXCLUSIVE)
    | ISOLATION kind=LEVEL (level=SERIALIZABLE | level=SNAPSHOT | REPEATABLE level=READ | level=READ (COMMITTED | UNCOMMITTED))
    ;

transaction_end
    : kind=(COMMIT | END) (TRANSACTION | WORK)?
    | kind=(ROLLBACK | ABORT) (TRANSACTION | WORK)? (TO SAVEPOINT? id=name)?
    ;

savepoint : kind=SAVEPOINT id=name | kind=RELEASE SAVEPOINT? id=name ;

explain
    : EXPLAIN stage=(AST | BOUND | LOGICAL | PHYSICAL | ANALYZE)? (LPAREN items+=explain_option (COMMA items+=explain_option)* RPAREN)?
      inner=explained
    ;

explained : with=with_clause? body=withable | definition=create | removal=drop | alteration=alter ;

explain_option : key=name value=name? ;

show : SHOW (kind=INDEXES ((ON | FROM) target=name)? | kind=(COLLECTIONS | TABLES | VIEWS | SNAPSHOTS | ALL) | parameter_name=setting_name) ;

describe : (DESCRIBE | DESC) TABLE? target=object_name ;

setting : SET id=setting_name (EQUAL | TO) (word=(DEFAULT | ON) | value=expression) | reset=RESET id=setting_name ;

setting_name : parts+=name (DOT parts+=name)* ;

maintenance
    : kind=CHECKPOINT
    | kind=CHECK DATABASE
    | kind=(ANALYZE | VACUUM | REINDEX) target=object_name?
    ;
