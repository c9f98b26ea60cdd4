using OpenCue.Farm.Changes;
using OpenCue.Farm.Scheduling.Policies;

namespace OpenCue.Farm.Facilities;

/// <summary>What people change about facilities.</summary>
public static class FacilityRules
{
    /// <summary>Chooses the policy that orders the facility's work, from the next pass on.</summary>
    /// <param name="edit">The edit.</param>
    /// <param name="facility">The facility.</param>
    /// <param name="policies">Those that there are.</param>
    /// <param name="name">The policy's name; empty for the site's default.</param>
    public static void SetPolicy(FarmEdit edit, Facility facility, SchedulingPolicies policies, string name)
    {
        var chosen = name.Length == 0 ? name : policies.FindName(name) ?? throw FarmException.Invalid(
            $"There is no scheduling policy {name}. There are {string.Join(", ", policies.Names)}.");
        var old = facility.Row.SchedulingPolicy;
        if (chosen == old)
        {
            return;
        }

        edit.Set(facility, facility.Row with { SchedulingPolicy = chosen });
        edit.Emit(
            FarmEventKind.SettingChanged, facility.Id, reason: $"scheduling policy of facility {facility.Row.Name}: {Words(old)} -> {Words(chosen)}");
    }

    private static string Words(string name) => name.Length == 0 ? "the default" : name;
}
