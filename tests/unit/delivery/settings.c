/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/settings.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void settings_load(struct config *c, const char *text)
{
	struct scratch dir;
	struct status st;
	scratch_open(&dir);
	const char *path = scratch_write(&dir, "postrider.ini", 0600, text);
	if (config_load(c, path, NULL, NULL, 0, &st) != 0)
		fail_msg("%s", st.text);
	scratch_close(&dir);
}
