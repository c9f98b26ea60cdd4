namespace OpenCue.Simulator.Reports;

/// <summary>What a simulation has shown. The same trace, farm, policy and seed give the same report.</summary>
internal sealed record RunReport
{
    /// <summary>The trace.</summary>
    public required string Trace { get; init; }

    /// <summary>The policy.</summary>
    public required string Policy { get; init; }

    /// <summary>The seed of the engine.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Wall time at which it begins.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Virtual hours simulated.</summary>
    public required double Hours { get; init; }

    /// <summary>The farm.</summary>
    public required FarmSize Farm { get; init; }

    /// <summary>The work.</summary>
    public required WorkDone Work { get; init; }

    /// <summary>Use of the farm until the last job was submitted: what comes after is only the work running out.</summary>
    public required Utilisation Utilisation { get; init; }

    /// <summary>How evenly shows were served.</summary>
    public required Fairness Fairness { get; init; }

    /// <summary>How long frames waited for their first start, from when they could run: of all, of each show, priority, and show and priority.</summary>
    public required IReadOnlyList<SpreadRow> Waits { get; init; }

    /// <summary>How long jobs took from submission to end, in the same way.</summary>
    public required IReadOnlyList<SpreadRow> Turnarounds { get; init; }

    /// <summary>What the engine did.</summary>
    public required EngineWork Engine { get; init; }

    /// <summary>Layers with work left at the end, those with most first.</summary>
    public required IReadOnlyList<LeftOver> Left { get; init; }

    /// <summary>How things went on.</summary>
    public required Course Course { get; init; }
}

/// <summary>The farm.</summary>
/// <param name="Hosts">Hosts.</param>
/// <param name="Cores">Cores of all.</param>
/// <param name="MemoryGib">Memory of all that can be reserved.</param>
/// <param name="Gpus">GPUs of all.</param>
internal sealed record FarmSize(int Hosts, double Cores, double MemoryGib, int Gpus);

/// <summary>The work.</summary>
internal sealed record WorkDone
{
    /// <summary>Jobs submitted.</summary>
    public required int Jobs { get; init; }

    /// <summary>Of these, jobs that were done.</summary>
    public required int JobsDone { get; init; }

    /// <summary>Frames submitted.</summary>
    public required int Frames { get; init; }

    /// <summary>Of these, frames that succeeded.</summary>
    public required int FramesDone { get; init; }

    /// <summary>Of these, frames whose last recorded run failed, or that have none; they were done without.</summary>
    public required int FramesGivenUp { get; init; }

    /// <summary>Runs that ended.</summary>
    public required int Runs { get; init; }

    /// <summary>Of these, runs that failed or were killed.</summary>
    public required int RunsFailed { get; init; }

    /// <summary>Core hours reserved by runs.</summary>
    public required double CoreHours { get; init; }

    /// <summary>Of these, core hours of runs that failed or were killed.</summary>
    public required double CoreHoursWasted { get; init; }

    /// <summary>Frames done in an hour, on the average.</summary>
    public required double FramesPerHour { get; init; }
}

/// <summary>Mean use, percent of what the farm has.</summary>
/// <param name="Cores">Cores reserved.</param>
/// <param name="Memory">Memory reserved.</param>
/// <param name="Gpus">GPUs reserved; null if the farm has none.</param>
internal sealed record Utilisation(double Cores, double Memory, double? Gpus);

/// <summary>How evenly shows were served in the moments in which they contended for cores (see <see cref="Running.FairShares"/>).</summary>
/// <param name="Jain">
/// Jain's index of what each show had by what would have been fair, mean of these moments: 1 when all had the same part of it, 1/n when one of n had
/// all. Null if there was no such moment.
/// </param>
/// <param name="ContendedPercent">In which part of the time shows contended.</param>
/// <param name="Shows">The shows.</param>
internal sealed record Fairness(double? Jain, double ContendedPercent, IReadOnlyList<ShowUse> Shows);

/// <summary>A show's use against its share.</summary>
/// <param name="Show">The show.</param>
/// <param name="SizeCores">Cores that its subscriptions give it.</param>
/// <param name="SharePercent">That, of the sizes of all shows.</param>
/// <param name="UsePercent">Its core hours, of those of all shows.</param>
/// <param name="FairPercent">What would have been fair while shows contended, of all cores in use then: its share, and its part of what others left of theirs.</param>
/// <param name="ContendedUsePercent">What it had then.</param>
/// <param name="CoreHours">Its core hours.</param>
internal sealed record ShowUse(
    string Show, double SizeCores, double SharePercent, double UsePercent, double FairPercent, double ContendedUsePercent, double CoreHours);

/// <summary>How a time spreads, in seconds.</summary>
/// <param name="Show">Of which show; null for all.</param>
/// <param name="Priority">Of which priority; null for all.</param>
/// <param name="Count">How many there were.</param>
/// <param name="Mean">Mean.</param>
/// <param name="P50">Half were shorter.</param>
/// <param name="P95">95 of hundred were shorter.</param>
/// <param name="Max">The longest.</param>
internal sealed record SpreadRow(string? Show, int? Priority, int Count, double Mean, double P50, double P95, double Max);

/// <summary>What the engine did.</summary>
/// <param name="Batches">Batches stored.</param>
/// <param name="Passes">Times the scheduler looked what became possible.</param>
/// <param name="Bookings">Runs booked.</param>
/// <param name="BookingsInKeptPlaces">Of these, in a place that the job held already.</param>
/// <param name="Checks">Checks of the whole farm; all found it sound.</param>
internal sealed record EngineWork(long Batches, long Passes, long Bookings, long BookingsInKeptPlaces, long Checks);

/// <summary>A layer with work left.</summary>
/// <param name="Job">Its job.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Waiting">Frames that wait for a host.</param>
/// <param name="Held">Frames held by depends.</param>
/// <param name="Running">Frames that run.</param>
internal sealed record LeftOver(string Job, string Layer, int Waiting, int Held, int Running);

/// <summary>How things went on: one value for each stretch of time.</summary>
internal sealed record Course
{
    /// <summary>Length of a stretch, minutes.</summary>
    public required double StepMinutes { get; init; }

    /// <summary>Cores reserved, percent, mean of the stretch.</summary>
    public required IReadOnlyList<double> Cores { get; init; }

    /// <summary>Memory reserved, percent, mean of the stretch.</summary>
    public required IReadOnlyList<double> Memory { get; init; }

    /// <summary>GPUs reserved, percent, mean of the stretch; empty if the farm has none.</summary>
    public required IReadOnlyList<double> Gpus { get; init; }

    /// <summary>Frames that waited for a host at the end of the stretch.</summary>
    public required IReadOnlyList<int> Waiting { get; init; }

    /// <summary>Frames that ran then.</summary>
    public required IReadOnlyList<int> Running { get; init; }

    /// <summary>Cores in use by show, mean of the stretch.</summary>
    public required IReadOnlyList<ShowCourse> Shows { get; init; }
}

/// <summary>A show's cores in the course of time.</summary>
/// <param name="Show">The show.</param>
/// <param name="Cores">Cores.</param>
internal sealed record ShowCourse(string Show, IReadOnlyList<double> Cores);
