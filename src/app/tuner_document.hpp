#pragma once

#include <string>
#include <vector>

#include "tableforge/tuner/ports/record.hpp"
#include "tableforge/tuner/report.hpp"

#include "app/tuning.hpp"

/// The tuner as operators see it in JSON.
namespace tableforge::app {

/// How it stands: mode, domains with what they try, knobs.
std::string tuner_status_document(Tuning::Desk const &desk);
/// That there is none: it was started off.
std::string tuner_off_document();
/// What one slot came to; `text` has the same for people.
std::string tuner_report_document(tuner::Report const &report);
/// The lines of the record.
std::string tuner_history_document(std::vector<tuner::Action> const &actions);

}  // namespace tableforge::app
