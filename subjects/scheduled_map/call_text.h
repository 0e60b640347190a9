#ifndef SLOTPROOF_SUBJECTS_SCHEDULED_MAP_CALL_TEXT_H_
#define SLOTPROOF_SUBJECTS_SCHEDULED_MAP_CALL_TEXT_H_

#include <string>

#include "harness/linear/models/operation.h"

namespace slotproof {

std::string DescribeOperation(const linear::Operation& operation);
std::string DescribeResult(const linear::Operation& operation, linear::Result result);

}  // namespace slotproof

#endif  // SLOTPROOF_SUBJECTS_SCHEDULED_MAP_CALL_TEXT_H_
