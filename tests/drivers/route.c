/*
 * The lab's own name service and routing, preloaded into a driver's process: every host name that
 * could exist resolves, and every connection, to whatever address, port or socket, ends at the one
 * server under test. What the driver asked for is written down. So a string can be judged with the
 * host and port that it names, and the driver, its TLS and the server are the real ones.
 *
 * LAB_PORT    the server's port on 127.0.0.1
 * LAB_SOCKET  the path of its Unix socket
 * LAB_LOG     the file to append to: "name HOST", "tcp ADDRESS PORT", "unix PATH"
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void note(const char *format, ...) {
  const char *path = getenv("LAB_LOG");
  char line[1024];
  va_list arguments;
  int length, fd;
  if (path == NULL) return;
  va_start(arguments, format);
  length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  if (length >= (int)sizeof line) length = sizeof line - 1;
  /* A name may hold a line feed: a line of the log may not. */
  for (int i = 0; i < length - 1; i++)
    if (line[i] == '\n') line[i] = '\v';
  fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return;
  if (write(fd, line, length) != length) abort();
  close(fd);
}

/* Could a name server know this name? */
static int resolvable(const char *name) {
  size_t length = strlen(name);
  if (length == 0 || length > 253 || name[0] == '.' || name[0] == '-') return 0;
  for (const char *c = name; *c; c++) {
    if (!isalnum((unsigned char)*c) && *c != '.' && *c != '-' && *c != '_') return 0;
    if (c[0] == '.' && c[1] == '.') return 0;
  }
  return 1;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **result) {
  static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
  struct addrinfo numeric = {0};
  int error;
  if (real == NULL) real = (__typeof__(real))dlsym(RTLD_NEXT, "getaddrinfo");
  if (node == NULL) return real(node, service, hints, result);
  if (hints != NULL) numeric = *hints;
  numeric.ai_flags |= AI_NUMERICHOST;
  error = real(node, service, &numeric, result);
  if (error != EAI_NONAME) {
    if (error == 0) note("name %s\n", node);
    return error;
  }
  note("name %s\n", node);
  if (!resolvable(node) || (hints != NULL && (hints->ai_flags & AI_NUMERICHOST))) return EAI_NONAME;
  if (numeric.ai_family == AF_INET6) return EAI_NONAME;
  return real("127.0.0.1", service, &numeric, result);
}

int connect(int fd, const struct sockaddr *address, socklen_t length) {
  static int (*real)(int, const struct sockaddr *, socklen_t);
  const char *port = getenv("LAB_PORT"), *path = getenv("LAB_SOCKET");
  char text[INET6_ADDRSTRLEN];
  if (real == NULL) real = (__typeof__(real))dlsym(RTLD_NEXT, "connect");
  if (port == NULL || path == NULL) return real(fd, address, length);
  if (address->sa_family == AF_INET) {
    struct sockaddr_in to = *(const struct sockaddr_in *)address;
    inet_ntop(AF_INET, &to.sin_addr, text, sizeof text);
    note("tcp %s %d\n", text, ntohs(to.sin_port));
    if (to.sin_port == 0) {
      errno = ECONNREFUSED;
      return -1;
    }
    to.sin_port = htons(atoi(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return real(fd, (struct sockaddr *)&to, sizeof to);
  }
  if (address->sa_family == AF_INET6) {
    struct sockaddr_in6 to = *(const struct sockaddr_in6 *)address;
    inet_ntop(AF_INET6, &to.sin6_addr, text, sizeof text);
    note("tcp %s %d\n", text, ntohs(to.sin6_port));
    if (to.sin6_port == 0) {
      errno = ECONNREFUSED;
      return -1;
    }
    to.sin6_port = htons(atoi(port));
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &to.sin6_addr);
    to.sin6_scope_id = 0;
    return real(fd, (struct sockaddr *)&to, sizeof to);
  }
  if (address->sa_family == AF_UNIX) {
    const struct sockaddr_un *from = (const struct sockaddr_un *)address;
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t room = length - offsetof(struct sockaddr_un, sun_path);
    char asked[sizeof from->sun_path + 1] = {0};
    memcpy(asked, from->sun_path, room < sizeof from->sun_path ? room : sizeof from->sun_path);
    if (strstr(asked[0] ? asked : asked + 1, ".s.PGSQL.") == NULL) return real(fd, address, length);
    note("unix %s\n", asked[0] ? asked : asked + 1);
    strncpy(to.sun_path, path, sizeof to.sun_path - 1);
    return real(fd, (struct sockaddr *)&to, sizeof to);
  }
  return real(fd, address, length);
}
