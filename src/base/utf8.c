/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"

static bool continues(struct slice s, size_t at)
{
	return at < s.len && ((unsigned char)s.data[at] & 0xc0) == 0x80;
}

static size_t three(unsigned char lead, unsigned char next)
{
	bool overlong = lead == 0xe0 && next < 0xa0;
	bool surrogate = lead == 0xed && next > 0x9f;
	return overlong || surrogate ? 0 : 3;
}

static size_t four(unsigned char lead, unsigned char next)
{
	bool overlong = lead == 0xf0 && next < 0x90;
	bool too_large = lead > 0xf4 || (lead == 0xf4 && next > 0x8f);
	return overlong || too_large ? 0 : 4;
}

size_t utf8_length(struct slice s)
{
	if (!continues(s, 1))
		return 0;
	unsigned char lead = (unsigned char)s.data[0], next = (unsigned char)s.data[1];
	bool control = lead == 0xc2 && next < 0xa0;
	if (lead >= 0xc2 && lead < 0xe0)
		return control ? 0 : 2;
	if (lead >= 0xe0 && lead < 0xf0)
		return continues(s, 2) ? three(lead, next) : 0;
	if (lead >= 0xf0)
		return continues(s, 2) && continues(s, 3) ? four(lead, next) : 0;
	return 0;
}

bool utf8_valid(struct slice s)
{
	while (s.len != 0) {
		size_t len = (unsigned char)s.data[0] < 0x80 ? 1 : utf8_length(s);
		if (len == 0)
			return false;
		s = slice_cut(s, len, s.len);
	}
	return true;
}

bool ascii_only(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.data[i] > 127)
			return false;
	}
	return true;
}
