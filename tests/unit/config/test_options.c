/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/options.h"

#include "config/ini.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct origin here = { "f.ini", 7 };

static bool has_field(const struct option *o)
{
	return (o->where & OPTION_TOP_ONLY) == 0;
}

/* What a wrong row would break somewhere else. */
static void rows_are_sound(void **state)
{
	struct account a;
	struct status st = { 0 };
	(void)state;
	account_init(&a, "x");
	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];
		print_message("%s\n", o->key);
		assert_ptr_equal(option_find(o->key), o);
		assert_non_null(o->group);
		assert_non_null(o->arg);
		assert_non_null(o->brief);
		assert_int_equal(o->words != NULL, o->type == OPTION_WORD);
		assert_int_equal(has_field(o), o->offset != 0);
		assert_false(option_is_set(&a, o));
		if (o->fallback == NULL)
			continue;
		struct buf shown = { 0 };
		option_show(&a, o, &shown);
		assert_string_equal(buf_str(&shown), o->fallback);
		assert_int_equal(option_set(&a, o, o->fallback, here, &st), 0);
		buf_release(&shown);
	}
	account_release(&a);
}

static void fields_are_used_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(options[i].key, options[j].key);
			if (has_field(&options[i]) && has_field(&options[j]))
				assert_int_not_equal(options[i].offset, options[j].offset);
		}
	}
}

struct value_case {
	const char *key, *value;
	const char *shown; /* NULL: refused */
};

static const struct value_case value_cases[] = {
	{ "from", "a@example.com,*@lists.example.com", "a@example.com, *@lists.example.com" },
	{ "from", " , a@b ,,c@d, ", "a@b, c@d" },
	{ "from", "*", "*" },
	{ "from", "", "\"\"" },
	{ "from", "alice", NULL },
	{ "from", "a@", NULL },
	{ "from", "@b", NULL },
	{ "from", "a b@c", NULL },
	{ "from", "<a@b>", NULL },
	{ "from", "a@b@c", NULL },
	{ "from", "a@b..c, *@d", NULL },
	{ "from", "ok@example.com, a@b\nc", NULL },
	{ "fallback", "backup,other one", "backup, other one" },
	{ "from-name", "Alice Example", "Alice Example" },
	{ "from-name", " Alice ;) ", "\" Alice ;) \"" },
	{ "from-name", "a \"b\" c", "a \"b\" c" },
	{ "from-name", "\"b\"", "\"\\\"b\\\"\"" },
	{ "from-name", "", "\"\"" },
	{ "from-name", "a\tb", NULL },
	{ "from-name", "a\r\nBcc: b", NULL },
	{ "from-name", "a\x7f", NULL },
	{ "domain", "example.com", "example.com" },
	{ "domain",
	  "b\xc3\xbc"
	  "cher.example",
	  "b\xc3\xbc"
	  "cher.example" },
	{ "domain", "a_b.example", NULL },
	{ "domain", "example..com", NULL },
	{ "domain", "-a.example", NULL },
	{ "domain", "a b", NULL },
	{ "domain", "example.com.", NULL },
	{ "domain", "\xfc.example", NULL },
	{ "hello", "host.example.com", "host.example.com" },
	{ "hello", "localhost", "localhost" },
	{ "hello", "[192.0.2.1]", "[192.0.2.1]" },
	{ "hello", "[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]" },
	{ "hello", "[2001:db8::1]", NULL },
	{ "hello", "[192.0.2.256]", NULL },
	{ "hello", "[]", NULL },
	{ "hello",
	  "b\xc3\xbc"
	  "cher.example",
	  NULL },
	{ "hello", "a_b", NULL },
	{ "hello", "a b", NULL },
	{ "host", "smtp.example.com:587, [2001:db8::1]:25,mx:example.com",
	  "smtp.example.com:587, [2001:db8::1]:25, mx:example.com" },
	{ "host", "unix:/run/smtp", "unix:/run/smtp" },
	{ "host", "a:b:c", NULL },
	{ "port", "1", "1" },
	{ "port", "65535", "65535" },
	{ "port", "0", NULL },
	{ "port", "65536", NULL },
	{ "port", "-25", NULL },
	{ "port", "smtp", NULL },
	{ "port", "", NULL },
	{ "require-tls", "yes", "yes" },
	{ "require-tls", "perhaps", NULL },
	{ "hold-for", "1h", "1h" },
	{ "hold-for", "367d", NULL },
	{ "deliver-by", "1d", "1d" },
	{ "deliver-by", "soon", NULL },
	{ "priority", "-9", "-9" },
	{ "priority", "9", "9" },
	{ "priority", "10", NULL },
	{ "priority", "-10", NULL },
	{ "protocol", "lmtp", "lmtp" },
	{ "protocol", "LMTP", "lmtp" },
	{ "protocol", "http", NULL },
	{ "ip", "4", "4" },
	{ "ip", "5", NULL },
	{ "source-address", "192.0.2.7", "192.0.2.7" },
	{ "source-address", "2001:db8::7", "2001:db8::7" },
	{ "source-address", "eth0", NULL },
	{ "proxy", "socks5://127.0.0.1:9050", "socks5://127.0.0.1:9050" },
	{ "proxy", "http://proxy.example", NULL },
	{ "resolver", "127.0.0.1:5353, ::1", "127.0.0.1:5353, ::1" },
	{ "resolver", "dns.example", NULL },
	{ "connect-timeout", "90", "90s" },
	{ "connect-timeout", "1h30m", "90m" },
	{ "connect-timeout", "0", NULL },
	{ "connect-timeout", "2d", NULL },
	{ "timeout", "0", "0" },
	{ "timeout", "5m", "5m" },
	{ "timeout", "5x", NULL },
	{ "tls", "Implicit", "implicit" },
	{ "tls", "", NULL },
	{ "tls", "yes", NULL },
	{ "tls-ca", "/etc/ssl/certs", "/etc/ssl/certs" },
	{ "tls-verify", "off", "no" },
	{ "tls-verify", "TRUE", "yes" },
	{ "tls-verify", "1", "yes" },
	{ "tls-verify", "0", "no" },
	{ "tls-verify", "On", "yes" },
	{ "tls-verify", "false", "no" },
	{ "tls-verify", "maybe", NULL },
	{ "tls-verify", "", NULL },
	{ "tls-fingerprint",
	  "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	  "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" },
	{ "tls-fingerprint",
	  "SPKI:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:"
	  "45:67:89:AB:CD:EF",
	  "SPKI:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:"
	  "45:67:89:AB:CD:EF" },
	{ "tls-fingerprint", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	  NULL },
	{ "tls-fingerprint", "sha256:0123456789abcdef", NULL },
	{ "tls-fingerprint",
	  "sha256:g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", NULL },
	{ "tls-fingerprint", "sha1:0123456789abcdef0123456789abcdef01234567", NULL },
	{ "tls-name", "mail.example.com", "mail.example.com" },
	{ "tls-name", "2001:db8::1", "2001:db8::1" },
	{ "tls-name", "*.example.com", NULL },
	{ "tls-certificate", "/home/u/c.pem", "/home/u/c.pem" },
	{ "tls-key", "/home/u/k.pem", "/home/u/k.pem" },
	{ "tls-key", "pkcs11:token=a;object=b?pin-source=file:/p",
	  "pkcs11:token=a;object=b?pin-source=file:/p" },
	{ "tls-key", "pkcs11:token=a;object=b?pin-value=1234", NULL },
	{ "tls-certificate", "PKCS11:object=b?pin-value=1234", NULL },
	{ "tls-certificate", "/home/u/pin-value", "/home/u/pin-value" },
	{ "tls-crl", "/etc/crl.pem", "/etc/crl.pem" },
	{ "tls-min", "1.3", "1.3" },
	{ "tls-min", "1.4", NULL },
	{ "tls-min", "TLS1.2", NULL },
	{ "tls-priority", "NORMAL:-VERS-ALL:+VERS-TLS1.3", "NORMAL:-VERS-ALL:+VERS-TLS1.3" },
	{ "auth", "none", "none" },
	{ "auth", "scram-sha-256-plus", "scram-sha-256-plus" },
	{ "auth", "PLAIN", NULL },
	{ "auth", "a b", NULL },
	{ "auth", "plian", NULL },
	{ "auth", "gssapi", NULL },
	{ "user", "alice@example.com", "alice@example.com" },
	{ "password", "hush ;hush", "********" },
	{ "password", "", "\"\"" },
	{ "password", "hush\x01", NULL },
	{ "password-command", "pass show work | head -1", "pass show work | head -1" },
	{ "password-command", "echo a ; echo b", "\"echo a ; echo b\"" },
	{ "token-command", "oama access a@x", "oama access a@x" },
	{ "oauth", "Google", "google" },
	{ "oauth", "yes", NULL },
	{ "oauth-client-id", "a b", "a b" },
	{ "oauth-client-secret", "hush", "********" },
	{ "oauth-scope", "a https://b/c", "a https://b/c" },
	{ "oauth-scope", "a\\b", NULL },
	{ "oauth-scope", "\xc3\xa9", NULL },
	{ "oauth-refresh-token", "hush", "********" },
	{ "oauth-token-file", "/var/lib/t", "/var/lib/t" },
	{ "oauth-token-file", "t", NULL },
	{ "oauth-token-endpoint", "https://a.test/t", "https://a.test/t" },
	{ "oauth-token-endpoint", "http://a.test/t", NULL },
	{ "oauth-device-endpoint", "https://a.test:8443", "https://a.test:8443" },
	{ "oauth-device-endpoint", "a.test", NULL },
	{ "password-file", "credential:smtp", "credential:smtp" },
	{ "to", "example.com, *@a.example,*.b.example",
	  "example.com, *@a.example, *.b.example" },
	{ "to", "", "\"\"" },
	{ "to", "a b", NULL },
	{ "to", "@b", NULL },
	{ "users", "root,www-data", "root, www-data" },
	{ "users", "a b", NULL },
	{ "users", "*", NULL },
	{ "rewrite-from", "always", "always" },
	{ "rewrite-from", "Missing", "missing" },
	{ "rewrite-from", "yes", NULL },
	{ "reply-to-original", "on", "yes" },
	{ "reply-to-original", "reply", NULL },
	{ "aliases", "~/.aliases, /etc/aliases", "~/.aliases, /etc/aliases" },
	{ "aliases", "", "\"\"" },
	{ "aliases", "aliases", NULL },
	{ "local-to", "a@b.example,c@d.example", "a@b.example, c@d.example" },
	{ "local-to", "root", NULL },
	{ "local-to", "*@b.example", NULL },
	{ "local-to", "A <a@b>", NULL },
	{ "remove-headers", "Bcc, X-Secret", "Bcc, X-Secret" },
	{ "remove-headers", "", "\"\"" },
	{ "remove-headers", "Bcc:", NULL },
	{ "remove-headers", "a b", NULL },
	{ "undisclosed-recipients", "yes", "yes" },
	{ "delivery", "Background", "background" },
	{ "delivery", "queue", "queue" },
	{ "delivery", "later", NULL },
	{ "rate", "0", "0" },
	{ "rate", "30", "30" },
	{ "rate", "-1", NULL },
	{ "rate", "30/m", NULL },
	{ "connections", "1", "1" },
	{ "connections", "50", "50" },
	{ "connections", "0", NULL },
	{ "connections", "51", NULL },
	{ "queue-dir", "/var/mail/queue", "/var/mail/queue" },
	{ "queue-dir", "", "\"\"" },
	{ "queue-dir", "queue", NULL },
	{ "retry", "1m", "1m" },
	{ "retry", " 90 ,1h30m,, 1d", "90s, 90m, 1d" },
	{ "retry", "1s,30d", "1s, 30d" },
	{ "retry", "5m, 10x", NULL },
	{ "retry", "5m, 0", NULL },
	{ "retry", "31d", NULL },
	{ "retry", "5m 10m", NULL },
	{ "retry", "", NULL },
	{ "retry", " , ", NULL },
	{ "expire", "1w", "1w" },
	{ "expire", "0", "0" },
	{ "expire", "never", NULL },
	{ "warn", "4h", "4h" },
	{ "warn", "0", "0" },
	{ "warn", "367d", NULL },
	{ "bounce-to", "ops@b.example,root@c.example", "ops@b.example, root@c.example" },
	{ "bounce-to", "", "\"\"" },
	{ "bounce-to", "root, ops@b.example", "root, ops@b.example" },
	{ "bounce-to", "a b", NULL },
	{ "bounce-to", "a@b@c", NULL },
	{ "bounce-to", "r*", NULL },
	{ "queue", "never", "never" },
	{ "queue", "always", NULL },
	{ "max-size", "25M", "25M" },
	{ "max-size", "0", "0" },
	{ "max-size", "25 M", NULL },
	{ "max-size", "1024", "1K" },
	{ "log", "/var/log/postrider", "/var/log/postrider" },
	{ "log", "none", "none" },
	{ "log", "sylsog", NULL },
	{ "log-format", "json", "json" },
	{ "log-format", "xml", NULL },
};
enum { VALUE_CASES = sizeof value_cases / sizeof value_cases[0] };

static void values(void **state)
{
	(void)state;
	for (size_t i = 0; i < VALUE_CASES; i++) {
		const struct value_case *c = &value_cases[i];
		const struct option *o = option_find(c->key);
		struct account a;
		struct status st = { 0 };
		struct buf before = { 0 }, after = { 0 };
		print_message("%s = %s\n", c->key, c->value);
		assert_non_null(o);
		account_init(&a, "x");
		option_show(&a, o, &before);
		int result = option_set(&a, o, c->value, here, &st);
		option_show(&a, o, &after);
		assert_int_equal(result, c->shown != NULL ? 0 : -1);
		assert_string_equal(buf_str(&after), result == 0 ? c->shown : buf_str(&before));
		assert_int_equal(option_is_set(&a, o), result == 0);
		if (result != 0) {
			assert_int_equal(st.kind, STATUS_BAD_CONFIG);
			assert_non_null(strstr(st.text, c->key));
			assert_null(strstr(st.text, "hush"));
		}
		buf_release(&before);
		buf_release(&after);
		account_release(&a);
	}
}

static void every_row_has_a_value_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		bool named = !has_field(&options[i]);
		for (size_t j = 0; j < VALUE_CASES; j++)
			named = named || strcmp(value_cases[j].key, options[i].key) == 0;
		print_message("%s\n", options[i].key);
		assert_true(named);
	}
}

static int no_section(void *context, const char *name, unsigned line, struct status *st)
{
	(void)context;
	(void)line;
	return status_set(st, STATUS_BAD_CONFIG, "[%s]", name);
}

static int set_value(void *context, const struct ini_value *v, struct status *st)
{
	return option_set(context, option_find(v->key), v->value, here, st);
}

/* Whatever option_show writes, a file with it says the same. */
static void shown_values_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < VALUE_CASES; i++) {
		const struct option *o = option_find(value_cases[i].key);
		struct account a, b;
		struct status st = { 0 };
		struct buf line = { 0 }, first = { 0 }, second = { 0 };
		if (value_cases[i].shown == NULL || o->type == OPTION_SECRET)
			continue;
		account_init(&a, "x");
		account_init(&b, "x");
		const struct ini_listener listener = { no_section, set_value, &b };
		assert_int_equal(option_set(&a, o, value_cases[i].value, here, &st), 0);
		option_show(&a, o, &first);
		buf_addf(&line, "%s = %s  ; comment\n", o->key, buf_str(&first));
		assert_int_equal(ini_read("f", buf_slice(&line), &listener, &st), 0);
		option_show(&b, o, &second);
		assert_string_equal(buf_str(&first), buf_str(&second));
		buf_release(&line);
		buf_release(&first);
		buf_release(&second);
		account_release(&a);
		account_release(&b);
	}
}

static void sentences_help(void **state)
{
	static const struct {
		const char *key, *value, *text, *hint;
	} cases[] = {
		{ "tls", "startls",
		  "'tls': takes starttls, implicit, opportunistic or none, not 'startls'",
		  "did you mean 'starttls'?" },
		{ "ip", "5", "'ip': takes any, 4 or 6, not '5'", "" },
		{ "port", "x", "'port': takes a number from 1 to 65535, not 'x'", "" },
		{ "timeout", "2w",
		  "'timeout': takes a time like 90s, 5m or 1h30m from 0 to 1d, not '2w'", "" },
		{ "max-size", "big", "'max-size': takes a size like 500K or 25M, not 'big'",
		  "" },
		{ "retry", "5m, soon",
		  "'retry': takes times like 5m or 1h30m from 1s to 30d, not 'soon'", "" },
		{ "retry", "", "'retry': takes times like 5m or 1h30m from 1s to 30d, not ''",
		  "" },
		{ "tls-verify", "x", "'tls-verify': takes yes or no, not 'x'", "" },
		{ "source-address", "x", "'source-address': 'x' is no IP address", "" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct account a;
		struct status st = { 0 };
		account_init(&a, "x");
		option_set(&a, option_find(cases[i].key), cases[i].value, here, &st);
		assert_string_equal(st.text, cases[i].text);
		assert_string_equal(st.hint, cases[i].hint);
		account_release(&a);
	}
}

static void copies_are_whole_and_independent(void **state)
{
	struct account a, b;
	struct status st = { 0 };
	(void)state;
	account_init(&a, "a");
	for (size_t i = 0; i < VALUE_CASES; i++) {
		if (value_cases[i].shown != NULL)
			option_set(&a, option_find(value_cases[i].key), value_cases[i].value,
				   here, &st);
	}
	account_copy(&b, &a, "b");
	assert_string_equal(b.name, "b");
	for (size_t i = 0; i < option_count; i++) {
		struct buf of_a = { 0 }, of_b = { 0 };
		option_show(&a, &options[i], &of_a);
		option_show(&b, &options[i], &of_b);
		assert_string_equal(buf_str(&of_a), buf_str(&of_b));
		assert_int_equal(b.origins[i].line, a.origins[i].line);
		buf_release(&of_a);
		buf_release(&of_b);
	}
	account_release(&a);
	assert_string_equal(b.user, "alice@example.com");
	account_release(&b);
	account_release(&b);
}

static void nearest(void **state)
{
	(void)state;
	assert_string_equal(option_nearest("pasword"), "password");
	assert_string_equal(option_nearest("tls_certificate"), "tls-certificate");
	assert_string_equal(option_nearest("hots"), "host");
	assert_null(option_nearest("colour-of-the-sky"));
	assert_null(option_find("Host"));
}

static void tls_by_port(void **state)
{
	static const struct {
		const char *tls, *key_port;
		uint16_t host_port;
		enum tls_mode expected;
	} cases[] = {
		{ NULL, NULL, 0, TLS_STARTTLS },
		{ NULL, "465", 0, TLS_IMPLICIT },
		{ NULL, NULL, 465, TLS_IMPLICIT },
		{ NULL, "465", 587, TLS_STARTTLS },
		{ NULL, "587", 465, TLS_IMPLICIT },
		{ "starttls", "465", 465, TLS_STARTTLS },
		{ "none", NULL, 465, TLS_NONE },
		{ "implicit", "587", 0, TLS_IMPLICIT },
		{ "opportunistic", NULL, 0, TLS_OPPORTUNISTIC },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct account a;
		struct status st = { 0 };
		account_init(&a, "x");
		if (cases[i].tls != NULL)
			option_set(&a, option_find("tls"), cases[i].tls, here, &st);
		if (cases[i].key_port != NULL)
			option_set(&a, option_find("port"), cases[i].key_port, here, &st);
		assert_int_equal(account_tls(&a, cases[i].host_port), cases[i].expected);
		account_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_sound),
		cmocka_unit_test(fields_are_used_once),
		cmocka_unit_test(values),
		cmocka_unit_test(every_row_has_a_value_case),
		cmocka_unit_test(shown_values_read_back),
		cmocka_unit_test(sentences_help),
		cmocka_unit_test(copies_are_whole_and_independent),
		cmocka_unit_test(nearest),
		cmocka_unit_test(tls_by_port),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
