// Settings of the SQLite library that Swift cannot make, as sqlite3_config is variadic.
#ifndef CARE_SQLITE_H
#define CARE_SQLITE_H

/// Sets up SQLite for this process; to be called before any of its other functions, once. 0: done; otherwise SQLite is in
/// use already, and goes on as it is: right, but slower.
int care_sqlite_tune(void);

#endif
