/* A PKCS#11 module whose behaviour a file decides: $ODD_MOOD names it. One token, "odd", that has no
 * object, knows few of its numbers, and whose PIN is 0000. */
#include <p11-kit-1/p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char mood[32];
/* Slot 7, and slot 8 in some moods; sessions have the numbers 1 and 2. */
static CK_STATE state[2] = {CKS_RO_PUBLIC_SESSION, CKS_RO_PUBLIC_SESSION};

static int is(const char *wanted) {
    FILE *file = fopen(getenv("ODD_MOOD"), "r");
    memset(mood, 0, sizeof mood);
    if (file != NULL) {
        if (fgets(mood, sizeof mood, file) == NULL) mood[0] = 0;
        fclose(file);
    }
    return strcmp(mood, wanted) == 0;
}

static void pad(unsigned char *field, size_t size, const char *text) {
    memset(field, ' ', size);
    memcpy(field, text, strlen(text));
}

static CK_RV initialize(void *arguments) {
    (void)arguments;
    return is("uninitialised") ? CKR_GENERAL_ERROR : CKR_OK;
}

static CK_RV info(CK_INFO *info) {
    memset(info, 0, sizeof *info);
    info->cryptokiVersion.major = 2;
    info->cryptokiVersion.minor = 40;
    pad(info->manufacturerID, 32, "Odd");
    pad(info->libraryDescription, 32, "A module for tests");
    return CKR_OK;
}

static CK_RV slots(unsigned char present, CK_SLOT_ID *list, CK_ULONG *count) {
    (void)present;
    *count = is("twins") || is("bad neighbour") ? 2 : 1;
    for (CK_ULONG i = 0; list != NULL && i < *count; i++) list[i] = 7 + i;
    return CKR_OK;
}

static CK_RV slot(CK_SLOT_ID id, CK_SLOT_INFO *info) {
    memset(info, 0, sizeof *info);
    pad(info->slotDescription, 64, "odd slot");
    info->flags = is("empty") ? 0 : CKF_TOKEN_PRESENT;
    (void)id;
    return CKR_OK;
}

static CK_RV token(CK_SLOT_ID id, CK_TOKEN_INFO *info) {
    if (id == 8 && is("bad neighbour")) return CKR_DEVICE_ERROR;
    if (is("hang")) for (;;) sleep(1000);
    if (is("crash")) *(volatile int *)8 = 1;
    if (is("removed")) return CKR_DEVICE_REMOVED;
    memset(info, 0, sizeof *info);
    pad(info->label, 32, "odd");
    pad(info->serialNumber, 16, is("restarted") ? "0817" : id == 7 ? "0815" : "0816");
    info->flags = CKF_TOKEN_INITIALIZED | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED;
    if (is("count low") || is("restarted")) info->flags |= CKF_USER_PIN_COUNT_LOW;
    if (is("final try")) info->flags |= CKF_USER_PIN_FINAL_TRY;
    info->ulMaxSessionCount = CK_EFFECTIVELY_INFINITE;
    info->ulMaxRwSessionCount = 4;
    info->ulSessionCount = CK_UNAVAILABLE_INFORMATION;
    info->ulRwSessionCount = CK_UNAVAILABLE_INFORMATION;
    if (is("numbers")) info->ulSessionCount = 3, info->ulRwSessionCount = 1;
    info->ulTotalPublicMemory = info->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
    info->ulTotalPrivateMemory = 65536;
    info->ulFreePrivateMemory = 0;
    return CKR_OK;
}

static CK_RV mechanisms(CK_SLOT_ID id, CK_MECHANISM_TYPE *list, CK_ULONG *count) {
    (void)id, (void)list;
    *count = 0;
    return CKR_OK;
}

static CK_RV open_session(CK_SLOT_ID id, CK_FLAGS flags, void *application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE *session) {
    (void)flags, (void)application, (void)notify;
    *session = id - 6;
    return CKR_OK;
}

static CK_RV close_session(CK_SESSION_HANDLE session) {
    (void)session;
    return CKR_OK;
}

static CK_RV session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO *info) {
    memset(info, 0, sizeof *info);
    info->state = state[session - 1];
    return CKR_OK;
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin,
                   CK_ULONG length) {
    char path[300];
    (void)user;
    snprintf(path, sizeof path, "%s.logins", getenv("ODD_MOOD"));
    FILE *file = fopen(path, "a");
    fputc('x', file);
    fclose(file);
    if (is("login hangs")) for (;;) sleep(1000);
    if (session == 2) return CKR_PIN_INCORRECT;
    if (length != 4 || memcmp(pin, "0000", 4) != 0) return CKR_PIN_INCORRECT;
    state[session - 1] = CKS_RO_USER_FUNCTIONS;
    return CKR_OK;
}

static CK_RV find_begin(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count) {
    (void)session, (void)template, (void)count;
    return CKR_OK;
}

static CK_RV find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG limit,
                  CK_ULONG *count) {
    (void)session, (void)objects, (void)limit;
    *count = 0;
    return CKR_OK;
}

static CK_RV find_end(CK_SESSION_HANDLE session) {
    (void)session;
    return CKR_OK;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
    static CK_FUNCTION_LIST functions;
    functions.version.major = 2;
    functions.version.minor = 40;
    functions.C_Initialize = initialize;
    functions.C_GetInfo = info;
    functions.C_GetSlotList = slots;
    functions.C_GetSlotInfo = slot;
    functions.C_GetTokenInfo = token;
    functions.C_GetMechanismList = mechanisms;
    functions.C_OpenSession = open_session;
    functions.C_CloseSession = close_session;
    functions.C_GetSessionInfo = session_info;
    functions.C_Login = login;
    functions.C_FindObjectsInit = find_begin;
    functions.C_FindObjects = find;
    functions.C_FindObjectsFinal = find_end;
    *list = &functions;
    return CKR_OK;
}
