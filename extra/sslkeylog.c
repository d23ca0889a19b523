/*
 * Writes the secrets of TLS connections to the file that SSLKEYLOGFILE names, for programs that use the OpenSSL library and
 * have no option for it, such as mosquitto 2.0 and its clients.
 *
 *   gcc -shared -fPIC -o sslkeylog.so sslkeylog.c -ldl
 *   SSLKEYLOGFILE=keys.txt LD_PRELOAD=./sslkeylog.so mosquitto_sub -h broker.example -p 8883 --capath /etc/ssl/certs -t '#'
 *
 * Whoever has the file can read everything that was said: keep it as you keep a password, and delete it afterwards.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void write_line(const void *connection, const char *line) {
  const char *name = getenv("SSLKEYLOGFILE");
  int file = name == NULL ? -1 : open(name, O_WRONLY | O_CREAT | O_APPEND, 0600);
  char text[1024];
  size_t size = strlen(line);
  (void)connection;
  if (file < 0) return;
  if (size < sizeof text) {
    /* One call, so that lines of several threads do not mix. */
    memcpy(text, line, size);
    text[size] = '\n';
    if (write(file, text, size + 1) < 0) { /* A full disk is no reason to end the program. */ }
  }
  close(file);
}

/* Stands in front of OpenSSL's own function, and has each context it makes report its secrets. */
void *SSL_CTX_new(const void *method) {
  void *(*make)(const void *) = (void *(*)(const void *))dlsym(RTLD_NEXT, "SSL_CTX_new");
  void (*report)(void *, void (*)(const void *, const char *)) =
      (void (*)(void *, void (*)(const void *, const char *)))dlsym(RTLD_NEXT, "SSL_CTX_set_keylog_callback");
  void *context = make == NULL ? NULL : make(method);
  if (context != NULL && report != NULL) report(context, write_line);
  return context;
}
