#pragma once

#include <filesystem>
#include <string>

namespace tableforge::test {

/// $TABLEFORGE_PERFORMANCE_DIR, or build/performance of the checkout.
std::filesystem::path report_folder();

/// Writes NAME.json and NAME.html and says where they are. Throws if it cannot.
void leave_files(std::filesystem::path const &folder, std::string const &name, std::string const &json,
                 std::string const &html);

}  // namespace tableforge::test
