# Clang 14 refuses a header of ANTLR 4.9: constant members without an initialiser in a class whose constructor is defaulted.
# Fuzzers compile against a copy where they have one, which changes no layout.
file(COPY ${ANTLR4_INCLUDE}/ DESTINATION ${CMAKE_BINARY_DIR}/antlr4-runtime)
file(READ ${ANTLR4_INCLUDE}/Vocabulary.h vocabulary)
string(REGEX REPLACE "(const _[a-zA-Z]+);" "\\1{};" vocabulary "${vocabulary}")
file(WRITE ${CMAKE_BINARY_DIR}/antlr4-runtime/Vocabulary.h "${vocabulary}")
set(ANTLR4_INCLUDE ${CMAKE_BINARY_DIR}/antlr4-runtime)
