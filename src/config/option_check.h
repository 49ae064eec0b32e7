/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * option_check - rules for values that their type alone does not tell
 *
 * Each takes a value without control characters and gives 0, or -1 and STATUS_BAD_CONFIG with a
 * sentence about the value; option_set puts the key before it.
 */
#ifndef CONFIG_OPTION_CHECK_H
#define CONFIG_OPTION_CHECK_H

#include "base/status.h"

/* One value of `host`, as endpoint_parse takes it. */
int check_host(const char *value, struct status *st);
/* local@domain, with * and ? in either, or without as check_mailbox; or * alone. */
int check_pattern(const char *value, struct status *st);
/* As check_pattern, or a domain with or without * and ?. */
int check_recipients(const char *value, struct status *st);
/* local@domain, without patterns. */
int check_mailbox(const char *value, struct status *st);
/* The same, or a local name alone. */
int check_mailbox_or_name(const char *value, struct status *st);
/* The name of a user: no blanks. */
int check_login(const char *value, struct status *st);
/* The path of a file or a folder, absolute or from ~/ on. */
int check_path(const char *value, struct status *st);
/* A host name; in UTF-8, too. */
int check_domain(const char *value, struct status *st);
/* What EHLO takes: an ASCII host name or an address literal (RFC 5321, 4.1.3). */
int check_hello(const char *value, struct status *st);
/* A host name or an IP address. */
int check_name(const char *value, struct status *st);
/* An IP address. */
int check_address(const char *value, struct status *st);
/* A SOCKS5 proxy, as socks5_parse takes it. */
int check_proxy(const char *value, struct status *st);
/* DNS servers, as dns_servers_parse takes them. */
int check_resolver(const char *value, struct status *st);
/* A file, or a PKCS#11 URI without a PIN in it. */
int check_own_certificate(const char *value, struct status *st);
/* sha256:HEX or spki:HEX. */
int check_fingerprint(const char *value, struct status *st);
/* auto, none, or the name of a mechanism that we know, in lower case. */
int check_auth(const char *value, struct status *st);
/* An address on the web, as url_parse takes it. */
int check_url(const char *value, struct status *st);
/* Words of an OAuth scope, a blank between two (RFC 6749, 3.3). */
int check_scope(const char *value, struct status *st);
/* The name of a header field (RFC 5322, 3.6.8). */
int check_field_name(const char *value, struct status *st);
/* syslog, none, or the path of a file. */
int check_log(const char *value, struct status *st);

#endif
