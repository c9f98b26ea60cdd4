namespace OpenCue.Specs.Launch;

/// <summary>A launch specification: the jobs of one submission, and the depends between them and to jobs that exist already.</summary>
public sealed record JobSpecDocument
{
    /// <summary>The facility in lower case, by name or id; null means the site's default.</summary>
    public string? Facility { get; init; }

    /// <summary>The show or an alias of it, as written.</summary>
    public required string Show { get; init; }

    /// <summary>The conformed shot.</summary>
    public required string Shot { get; init; }

    /// <summary>The user that the jobs belong to and run as.</summary>
    public required string User { get; init; }

    /// <summary>Where to write when a job is done; null means nowhere.</summary>
    public string? Email { get; init; }

    /// <summary>The numeric user id that frames run as, never 0; null means that the host decides.</summary>
    public int? Uid { get; init; }

    /// <summary>The jobs, in their order.</summary>
    public required ValueList<JobSpec> Jobs { get; init; }

    /// <summary>The depends, in their order.</summary>
    public ValueList<DependSpec> Depends { get; init; } = [];

    /// <summary>What was changed or ignored while reading, for the user to know; the writer leaves them out.</summary>
    public ValueList<string> Warnings { get; init; } = [];

    /// <summary>The name that a job of this specification has on the farm: <c>show-shot-user_name</c>.</summary>
    /// <param name="name">The name as written, with or without the prefix.</param>
    /// <exception cref="InvalidNameException">The name breaks the rules.</exception>
    public string FullJobName(string name) => NameRules.Job(Show, Shot, User, name);
}
