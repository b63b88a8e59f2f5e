#include "weir_password.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Of libxcrypt, which every Debian has for its logins; loaded once somebody has a password to check. */
typedef char *(*crypt_function)(const char *password, const char *setting, void *data, int size);

enum { CRYPT_DATA_SIZE = 32768 };

static crypt_function function;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void find(void) {
    void *library = dlopen("libcrypt.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) library = dlopen("libcrypt.so.2", RTLD_NOW | RTLD_LOCAL);
    if (library != NULL) *(void **)&function = dlsym(library, "crypt_rn");
}

int weir_password_matches(const char *password, const char *hash) {
    pthread_once(&once, find);
    if (function == NULL) return -1;
    void *data = calloc(1, CRYPT_DATA_SIZE);
    if (data == NULL) return 0;
    const char *made = function(password, hash, data, CRYPT_DATA_SIZE);
    size_t length = strlen(hash);
    int matches = 0;
    if (made != NULL && strlen(made) == length) {
        /* Looks at all of it, wherever the first difference is. */
        unsigned char different = 0;
        for (size_t i = 0; i < length; i++) different |= (unsigned char)(made[i] ^ hash[i]);
        matches = different == 0;
    }
    explicit_bzero(data, CRYPT_DATA_SIZE);
    free(data);
    return matches;
}
