/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/der.h"

enum {
	INTEGER = 0x02,
	SEQUENCE = 0x30,
	TBS_VERSION = 0xa0, /* [0], explicit, of TBSCertificate */
};

static unsigned char at(struct slice s, size_t i)
{
	return (unsigned char)s.data[i];
}

/*
 * Read the length that follows the tag of IN. False for the indefinite form, which DER does not
 * have, and for lengths of more than three bytes, which no certificate has.
 */
static bool read_length(struct slice in, size_t *header, size_t *len)
{
	if (in.len < 2)
		return false;
	size_t more = at(in, 1) & 0x7f;
	bool is_long = (at(in, 1) & 0x80) != 0;
	*header = is_long ? 2 + more : 2;
	*len = is_long ? 0 : more;
	if (!is_long)
		return true;
	if (more == 0 || more > 3 || in.len < *header)
		return false;
	for (size_t i = 2; i < *header; i++)
		*len = *len << 8 | at(in, i);
	return true;
}

static bool is_next(struct slice in, unsigned char tag)
{
	return in.len != 0 && at(in, 0) == tag;
}

/* Step into an element; its end may lie behind the end of IN. */
static bool enter(struct slice *in, unsigned char tag)
{
	size_t header, len;
	if (!is_next(*in, tag) || !read_length(*in, &header, &len))
		return false;
	*in = slice_cut(*in, header, in->len);
	return true;
}

/* Take a whole element off the front of IN. */
static bool take(struct slice *in, unsigned char tag, struct slice *whole)
{
	size_t header, len;
	if (!is_next(*in, tag) || !read_length(*in, &header, &len) || in->len - header < len)
		return false;
	*whole = slice_cut(*in, 0, header + len);
	*in = slice_cut(*in, header + len, in->len);
	return true;
}

/*
 * TBSCertificate: [0] version, serial number, signature algorithm, issuer, validity, subject
 * ... The version is stepped into, not over: GnuTLS takes no heed of that element's own length.
 */
bool der_names(struct slice der, struct der_names *names)
{
	struct slice passed;
	if (!enter(&der, SEQUENCE) || !enter(&der, SEQUENCE))
		return false;
	if (enter(&der, TBS_VERSION) && !take(&der, INTEGER, &passed))
		return false;
	return take(&der, INTEGER, &passed) && take(&der, SEQUENCE, &passed) &&
	       take(&der, SEQUENCE, &names->issuer) && take(&der, SEQUENCE, &passed) &&
	       take(&der, SEQUENCE, &names->subject);
}
