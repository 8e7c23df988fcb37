"""All of the hub's SQL: functions that take the connection first and give back frozen structs."""
