# SPDX-License-Identifier: GPL-3.0-or-later
"""Real mail servers on loopback, run from where real/fetch.sh unpacked them, with everything private."""
