// Compiled for itself, so that a mistake in the one declaration of all knobs shows here first.
#include "tableforge/knobs/knobs.hpp"
