#pragma once
#include <stdbool.h>
#include <stdint.h>

// Own prototypes of that part of DuckDB's C interface which is called here; handles are plain pointers.
//
// The library is opened at run time, so that building and starting need none. Each `dk_name` forwards to the
// library's `duckdb_name`; calling one before `dk_load` succeeded is a mistake of the caller. The trampolines are
// never called `duckdb_*`: an executable that exports these names would catch the library's own calls.

typedef void *dk_ptr;

// Passed by value to `duckdb_fetch_chunk`, so its size (48 bytes) counts.
typedef struct { uint64_t word[6]; } dk_result;
typedef struct { double percentage; uint64_t done, total; } dk_progress;
typedef struct { uint64_t offset, length; } dk_list_entry;

typedef void (*dk_destroy_fn)(void *value);
typedef void (*dk_bind_fn)(dk_ptr bind);
typedef void (*dk_init_fn)(dk_ptr init);
typedef void (*dk_scan_fn)(dk_ptr function, dk_ptr chunk);
typedef void (*dk_scalar_fn)(dk_ptr function, dk_ptr chunk, dk_ptr output);

// The calls that return something: result type, name without prefix, parameters, arguments.
#define DK_EACH(X) \
 X(const char *, library_version, (void), ()) \
 X(uint64_t, vector_size, (void), ()) \
 X(int, create_config, (dk_ptr *config), (config)) \
 X(int, set_config, (dk_ptr config, const char *name, const char *value), (config, name, value)) \
 X(int, open_ext, (const char *path, dk_ptr *db, dk_ptr config, char **error), (path, db, config, error)) \
 X(int, connect, (dk_ptr db, dk_ptr *con), (db, con)) \
 X(dk_progress, query_progress, (dk_ptr con), (con)) \
 X(int, query, (dk_ptr con, const char *sql, dk_result *result), (con, sql, result)) \
 X(uint64_t, column_count, (dk_result *result), (result)) \
 X(const char *, column_name, (dk_result *result, uint64_t column), (result, column)) \
 X(dk_ptr, column_logical_type, (dk_result *result, uint64_t column), (result, column)) \
 X(uint64_t, rows_changed, (dk_result *result), (result)) \
 X(const char *, result_error, (dk_result *result), (result)) \
 X(int, result_error_type, (dk_result *result), (result)) \
 X(dk_ptr, fetch_chunk, (dk_result result), (result)) \
 X(uint64_t, data_chunk_get_size, (dk_ptr chunk), (chunk)) \
 X(dk_ptr, data_chunk_get_vector, (dk_ptr chunk, uint64_t column), (chunk, column)) \
 X(dk_ptr, vector_get_data, (dk_ptr vector), (vector)) \
 X(uint64_t *, vector_get_validity, (dk_ptr vector), (vector)) \
 X(dk_ptr, list_vector_get_child, (dk_ptr vector), (vector)) \
 X(dk_ptr, array_vector_get_child, (dk_ptr vector), (vector)) \
 X(dk_ptr, struct_vector_get_child, (dk_ptr vector, uint64_t index), (vector, index)) \
 X(dk_ptr, create_logical_type, (int type), (type)) \
 X(int, get_type_id, (dk_ptr type), (type)) \
 X(uint8_t, decimal_width, (dk_ptr type), (type)) \
 X(uint8_t, decimal_scale, (dk_ptr type), (type)) \
 X(int, decimal_internal_type, (dk_ptr type), (type)) \
 X(int, enum_internal_type, (dk_ptr type), (type)) \
 X(char *, enum_dictionary_value, (dk_ptr type, uint64_t index), (type, index)) \
 X(dk_ptr, list_type_child_type, (dk_ptr type), (type)) \
 X(dk_ptr, array_type_child_type, (dk_ptr type), (type)) \
 X(uint64_t, array_type_array_size, (dk_ptr type), (type)) \
 X(uint64_t, struct_type_child_count, (dk_ptr type), (type)) \
 X(char *, struct_type_child_name, (dk_ptr type, uint64_t index), (type, index)) \
 X(dk_ptr, struct_type_child_type, (dk_ptr type, uint64_t index), (type, index)) \
 X(int, prepare, (dk_ptr con, const char *sql, dk_ptr *statement), (con, sql, statement)) \
 X(const char *, prepare_error, (dk_ptr statement), (statement)) \
 X(uint64_t, nparams, (dk_ptr statement), (statement)) \
 X(const char *, parameter_name, (dk_ptr statement, uint64_t index), (statement, index)) \
 X(uint64_t, prepared_statement_column_count, (dk_ptr statement), (statement)) \
 X(const char *, prepared_statement_column_name, (dk_ptr statement, uint64_t column), (statement, column)) \
 X(dk_ptr, prepared_statement_column_logical_type, (dk_ptr statement, uint64_t column), (statement, column)) \
 X(int, bind_boolean, (dk_ptr statement, uint64_t index, bool value), (statement, index, value)) \
 X(int, bind_int64, (dk_ptr statement, uint64_t index, int64_t value), (statement, index, value)) \
 X(int, bind_double, (dk_ptr statement, uint64_t index, double value), (statement, index, value)) \
 X(int, bind_varchar_length, (dk_ptr statement, uint64_t index, const char *text, uint64_t length), \
   (statement, index, text, length)) \
 X(int, bind_null, (dk_ptr statement, uint64_t index), (statement, index)) \
 X(int, execute_prepared, (dk_ptr statement, dk_result *result), (statement, result)) \
 X(dk_ptr, create_table_function, (void), ()) \
 X(int, register_table_function, (dk_ptr con, dk_ptr function), (con, function)) \
 X(dk_ptr, bind_get_extra_info, (dk_ptr bind), (bind)) \
 X(dk_ptr, bind_get_parameter, (dk_ptr bind, uint64_t index), (bind, index)) \
 X(dk_ptr, init_get_bind_data, (dk_ptr init), (init)) \
 X(uint64_t, init_get_column_count, (dk_ptr init), (init)) \
 X(uint64_t, init_get_column_index, (dk_ptr init, uint64_t index), (init, index)) \
 X(dk_ptr, function_get_init_data, (dk_ptr function), (function)) \
 X(dk_ptr, function_get_local_init_data, (dk_ptr function), (function)) \
 X(dk_ptr, create_scalar_function, (void), ()) \
 X(int, register_scalar_function, (dk_ptr con, dk_ptr function), (con, function)) \
 X(dk_ptr, scalar_function_get_extra_info, (dk_ptr function), (function)) \
 X(uint64_t, data_chunk_get_column_count, (dk_ptr chunk), (chunk)) \
 X(dk_ptr, vector_get_column_type, (dk_ptr vector), (vector)) \
 X(char *, get_varchar, (dk_ptr value), (value))

// The calls that return nothing.
#define DK_EACH_VOID(X) \
 X(interrupt, (dk_ptr con), (con)) \
 X(close, (dk_ptr *db), (db)) \
 X(disconnect, (dk_ptr *con), (con)) \
 X(destroy_config, (dk_ptr *config), (config)) \
 X(destroy_result, (dk_result *result), (result)) \
 X(destroy_data_chunk, (dk_ptr *chunk), (chunk)) \
 X(data_chunk_set_size, (dk_ptr chunk, uint64_t size), (chunk, size)) \
 X(vector_ensure_validity_writable, (dk_ptr vector), (vector)) \
 X(destroy_prepare, (dk_ptr *statement), (statement)) \
 X(destroy_logical_type, (dk_ptr *type), (type)) \
 X(destroy_value, (dk_ptr *value), (value)) \
 X(destroy_table_function, (dk_ptr *function), (function)) \
 X(table_function_set_name, (dk_ptr function, const char *name), (function, name)) \
 X(table_function_add_parameter, (dk_ptr function, dk_ptr type), (function, type)) \
 X(table_function_set_extra_info, (dk_ptr function, void *value, dk_destroy_fn destroy), \
   (function, value, destroy)) \
 X(table_function_set_bind, (dk_ptr function, dk_bind_fn bind), (function, bind)) \
 X(table_function_set_init, (dk_ptr function, dk_init_fn init), (function, init)) \
 X(table_function_set_local_init, (dk_ptr function, dk_init_fn init), (function, init)) \
 X(table_function_set_function, (dk_ptr function, dk_scan_fn scan), (function, scan)) \
 X(table_function_supports_projection_pushdown, (dk_ptr function, bool pushdown), (function, pushdown)) \
 X(bind_add_result_column, (dk_ptr bind, const char *name, dk_ptr type), (bind, name, type)) \
 X(bind_set_bind_data, (dk_ptr bind, void *value, dk_destroy_fn destroy), (bind, value, destroy)) \
 X(bind_set_cardinality, (dk_ptr bind, uint64_t rows, bool exact), (bind, rows, exact)) \
 X(bind_set_error, (dk_ptr bind, const char *error), (bind, error)) \
 X(init_set_init_data, (dk_ptr init, void *value, dk_destroy_fn destroy), (init, value, destroy)) \
 X(init_set_max_threads, (dk_ptr init, uint64_t threads), (init, threads)) \
 X(init_set_error, (dk_ptr init, const char *error), (init, error)) \
 X(function_set_error, (dk_ptr function, const char *error), (function, error)) \
 X(destroy_scalar_function, (dk_ptr *function), (function)) \
 X(scalar_function_set_name, (dk_ptr function, const char *name), (function, name)) \
 X(scalar_function_set_varargs, (dk_ptr function, dk_ptr type), (function, type)) \
 X(scalar_function_set_special_handling, (dk_ptr function), (function)) \
 X(scalar_function_set_volatile, (dk_ptr function), (function)) \
 X(scalar_function_set_return_type, (dk_ptr function, dk_ptr type), (function, type)) \
 X(scalar_function_set_extra_info, (dk_ptr function, void *value, dk_destroy_fn destroy), \
   (function, value, destroy)) \
 X(scalar_function_set_function, (dk_ptr function, dk_scalar_fn scalar), (function, scalar)) \
 X(scalar_function_set_error, (dk_ptr function, const char *error), (function, error)) \
 X(free, (void *memory), (memory))

#define DK_PROTOTYPE(ret, name, params, args) ret dk_##name params;
#define DK_PROTOTYPE_VOID(name, params, args) void dk_##name params;
DK_EACH(DK_PROTOTYPE)
DK_EACH_VOID(DK_PROTOTYPE_VOID)
#undef DK_PROTOTYPE
#undef DK_PROTOTYPE_VOID

/// Opens the library at `path` and looks up every call; returns null, or a text that says why not.
/// Not safe to call from two threads at once. The text is valid until the next call.
const char *dk_load(const char *path);
