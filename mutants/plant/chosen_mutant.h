#ifndef SLOTPROOF_MUTANTS_PLANT_CHOSEN_MUTANT_H_
#define SLOTPROOF_MUTANTS_PLANT_CHOSEN_MUTANT_H_

#include "mutants/plant/choice.h"

namespace slotproof::mutants {

// The program has this bug while it lives.
class ChosenMutant {
 public:
  explicit ChosenMutant(const Flag& flag) : flag_(flag) { *flag_.chosen = true; }
  ~ChosenMutant() { *flag_.chosen = false; }
  ChosenMutant(const ChosenMutant&) = delete;
  ChosenMutant& operator=(const ChosenMutant&) = delete;

 private:
  const Flag& flag_;
};

}  // namespace slotproof::mutants

#endif  // SLOTPROOF_MUTANTS_PLANT_CHOSEN_MUTANT_H_
