/* Passwords that are known by their bcrypt hashes, with the system's libcrypt. */
#ifndef WEIR_PASSWORD_H
#define WEIR_PASSWORD_H

/* 1: the password is the one of the hash ("$2y$10$..."); 0: it is not, or this is no hash; -1: there
 * is no libcrypt that knows bcrypt. Takes as long as the hash says, milliseconds to seconds; to be
 * called on any thread that may block. */
int weir_password_matches(const char *password, const char *hash);

#endif
