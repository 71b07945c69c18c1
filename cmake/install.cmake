# What `cmake --install` puts on a machine: two libraries, the headers that they need and no others, protosh, a CMake package
# and pkg-config files. tests/house/check_install.py builds programs against the result.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# ---- libprotobase: the objects of every layer above libproto, in one library ------------------------------------------
set(protobase_objects)
foreach(layer storage vector db parser query)
  list(APPEND protobase_objects $<TARGET_OBJECTS:protobase_${layer}>)
endforeach()
if(PROTOBASE_SHARED)
  add_library(protobase_library SHARED ${protobase_objects} $<TARGET_OBJECTS:proto>)
else()
  add_library(protobase_library STATIC ${protobase_objects})
  target_link_libraries(protobase_library PUBLIC proto)
endif()
target_link_libraries(protobase_library PRIVATE Threads::Threads fmt::fmt simdjson::simdjson ProtoBase::lz4 ProtoBase::faiss
                      ProtoBase::antlr4 ProtoBase::utf8proc OpenMP::OpenMP_CXX BLAS::BLAS LAPACK::LAPACK)
set_target_properties(protobase_library PROPERTIES OUTPUT_NAME protobase EXPORT_NAME protobase LINKER_LANGUAGE CXX
                      VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
# Headers name each other from the root of the tree ("db/value.h"), which is include/protobase once installed.
foreach(library proto protobase_library)
  target_compile_features(${library} INTERFACE cxx_std_20)
  target_include_directories(${library} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
                             $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/protobase>)
endforeach()

# ---- headers -----------------------------------------------------------------------------------------------------------
set(protobase_headers
  db/aggregate.h db/protobase.h db/protobase_c.h db/typed_collection.h db/value.h)
set(proto_headers
  runtime/avl/block_fill.h runtime/avl/block_memory.h runtime/avl/cursor.h runtime/avl/difference.h runtime/avl/edit.h
  runtime/avl/family.h runtime/avl/inner_slab.h runtime/avl/internal/cursor_inl.h
  runtime/avl/internal/difference_inl.h runtime/avl/internal/edit_inl.h runtime/avl/internal/edit_operations_inl.h
  runtime/avl/internal/family_inl.h runtime/avl/internal/inner_codec.h runtime/avl/internal/pod_map_inl.h
  runtime/avl/internal/tree_inl.h runtime/avl/leaf_policy.h runtime/avl/leaf_run.h runtime/avl/list.h
  runtime/avl/node.h runtime/avl/pod_map.h runtime/avl/tree.h runtime/base/check.h runtime/base/coding.h
  runtime/base/ids.h runtime/base/status.h runtime/base/status_codes.def runtime/collection/bytes.h
  runtime/collection/dictionary.h runtime/collection/input.h runtime/collection/internal/hashed_builder.h
  runtime/collection/internal/hashed_directory.h runtime/collection/internal/hashed_edit.h
  runtime/collection/internal/hashed_nodes.h runtime/collection/internal/hashed_table.h
  runtime/collection/internal/list_cells.h runtime/collection/internal/rope.h runtime/collection/internal/rope_cells.h
  runtime/collection/list.h runtime/collection/multiset.h runtime/collection/node_memory.h runtime/collection/set.h
  runtime/collection/sparse_list.h runtime/collection/string.h runtime/collection/tuple.h runtime/heap/allocation.h
  runtime/heap/barrier.h runtime/heap/context.h runtime/heap/external.h runtime/heap/intern_table.h
  runtime/heap/root_list.h runtime/heap/size_classes.h runtime/heap/space.h runtime/heap/thread.h runtime/heap/weak.h
  runtime/number/number.h runtime/object/arguments.h runtime/object/internal/attribute_cache.h
  runtime/object/internal/attribute_table.h runtime/object/internal/cells.h runtime/object/internal/lookup.h
  runtime/object/internal/resolution_order.h runtime/object/internal/shape.h runtime/object/internal/states.h
  runtime/object/method.h runtime/object/modules.h runtime/object/name.h runtime/object/object.h
  runtime/object/threads.h runtime/proto.h runtime/proto_c.h runtime/text/byte_text.h runtime/text/unicode.h
  runtime/text/utf8.h runtime/value/cell.h runtime/value/cell_kinds.def runtime/value/kind_table.h
  runtime/value/operations.h runtime/value/value.h)
foreach(header ${protobase_headers} ${proto_headers})
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/protobase/${folder})
endforeach()
install(DIRECTORY cmake/public/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

# ---- libraries, program, packages --------------------------------------------------------------------------------------
install(TARGETS proto protobase_library EXPORT ProtoBaseTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS protosh RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/ProtoBase)
install(EXPORT ProtoBaseTargets NAMESPACE ProtoBase:: DESTINATION ${package_folder})
configure_package_config_file(cmake/ProtoBaseConfig.cmake.in package/ProtoBaseConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(package/ProtoBaseConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/package/ProtoBaseConfig.cmake
        ${CMAKE_CURRENT_BINARY_DIR}/package/ProtoBaseConfigVersion.cmake cmake/import_libraries.cmake DESTINATION ${package_folder})

if(PROTOBASE_SHARED)
  set(PROTOBASE_PC_REQUIRES "")
  set(PROTOBASE_PC_LIBS "")
else()
  # An archive does not know what it needs: those who link it link these too.
  set(PROTOBASE_PC_REQUIRES "Requires: proto fmt simdjson liblz4 libutf8proc blas lapack")
  set(PROTOBASE_PC_LIBS "-lfaiss -lantlr4-runtime -lgomp")
endif()
foreach(package proto protobase)
  configure_file(cmake/${package}.pc.in package/${package}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/package/${package}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
