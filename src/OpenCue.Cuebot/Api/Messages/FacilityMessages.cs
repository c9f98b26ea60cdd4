using OpenCue.Farm.Facilities;

namespace OpenCue.Cuebot.Api.Messages;

/// <summary>Facilities as clients see them.</summary>
internal static class FacilityMessages
{
    /// <summary>The facility.</summary>
    public static Wire.Facility Of(Facility facility) => new() { Id = facility.Id.ToString(), Name = facility.Row.Name };
}
