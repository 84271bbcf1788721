#pragma once

#include <optional>
#include <string>

namespace tableforge::storage {

/// Brings a PostgreSQL URL or key=value string into key=value form, with deadlines for connecting and for dead peers,
/// and with a demand for a server that takes writes, wherever the operator did not say otherwise. Nothing if libpq
/// cannot read it. The result holds the password: it is for connecting and nothing else.
std::optional<std::string> conninfo(std::string const &url);

}  // namespace tableforge::storage
