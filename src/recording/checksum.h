/* SPDX-License-Identifier: MIT
 * CRC-32C (Castagnoli: reflected polynomial 0x82f63b78, initial value and final xor all ones), the
 * checksum of iSCSI (RFC 3720, appendix B.4) and ext4. Of "123456789" it is 0xe3069283. */
#ifndef HEAPWISE_RECORDING_CHECKSUM_H
#define HEAPWISE_RECORDING_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

uint32_t rec_checksum(const void *data, size_t length);

#endif
