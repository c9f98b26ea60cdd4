using Google.Protobuf.Collections;

namespace OpenCue.Cuebot.Api.Searches;

/// <summary>Fields of search criteria: an empty one restricts nothing, and is null here.</summary>
internal static class Criteria
{
    /// <summary>Texts, one of which must be equal.</summary>
    public static HashSet<string>? Texts(RepeatedField<string> field) => field.Count == 0 ? null : new(field, StringComparer.Ordinal);

    /// <summary>Ids, one of which must be equal. What is no id matches nothing.</summary>
    public static HashSet<EntityId>? Ids(RepeatedField<string> field)
    {
        if (field.Count == 0)
        {
            return null;
        }

        var ids = new HashSet<EntityId>();
        foreach (var text in field)
        {
            if (EntityId.TryParse(text, out var id))
            {
                ids.Add(id);
            }
        }

        return ids;
    }
}
