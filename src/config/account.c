/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/account.h"

#include "base/mem.h"
#include "config/option_value.h"

#include <stdlib.h>
#include <string.h>

void account_blank(struct account *a, const char *name)
{
	*a = (struct account){
		.name = mem_copy(name),
		.origins = mem_zero(option_count, sizeof *a->origins),
	};
}

void account_init(struct account *a, const char *name)
{
	account_blank(a, name);
	for (size_t i = 0; i < option_count; i++)
		option_default(a, &options[i]);
}

void account_copy(struct account *dst, const struct account *src, const char *name)
{
	*dst = *src;
	dst->name = mem_copy(name);
	dst->origins = mem_zero(option_count, sizeof *dst->origins);
	memcpy(dst->origins, src->origins, option_count * sizeof *dst->origins);
	for (size_t i = 0; i < option_count; i++)
		option_own(dst, &options[i]);
}

void account_release(struct account *a)
{
	for (size_t i = 0; i < option_count; i++)
		option_free(a, &options[i]);
	free(a->name);
	free(a->origins);
	*a = (struct account){ 0 };
}

enum tls_mode account_tls(const struct account *a, uint16_t port)
{
	bool submissions = (port != 0 ? port : a->port) == 465;
	if (submissions && !option_is_set(a, option_find("tls")))
		return TLS_IMPLICIT;
	return (enum tls_mode)a->tls;
}
