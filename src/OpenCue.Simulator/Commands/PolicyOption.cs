using System.CommandLine;
using OpenCue.Cuebot.Hosting.Options;
using OpenCue.Farm.Scheduling.Policies;

namespace OpenCue.Simulator.Commands;

/// <summary>The option that brings a site's own policies in, and the catalog of all there are.</summary>
internal sealed class PolicyOption
{
    private readonly SchedulingPolicies _all;

    private PolicyOption(IReadOnlyList<ISchedulingPolicy> own)
    {
        Own = own;
        _all = new SchedulingPolicies(own);
    }

    /// <summary>Policies of the site's own.</summary>
    public IReadOnlyList<ISchedulingPolicy> Own { get; }

    /// <summary>Makes the option.</summary>
    public static Option<string?> Make() => new("--policies-from")
    {
        Description = "Assemblies (.dll, divided by commas) with policies of your own: public classes with ISchedulingPolicy and a constructor without parameters.",
        HelpName = "FILES",
    };

    /// <summary>Reads it.</summary>
    /// <exception cref="SimException">The assembly can't be used.</exception>
    public static PolicyOption Read(string? assemblies)
    {
        try
        {
            return new PolicyOption(assemblies is null ? [] : PolicyAssemblies.Load(assemblies));
        }
        catch (FormatException e)
        {
            throw new SimException($"--policies-from: {e.Message}.");
        }
        catch (ArgumentException e)
        {
            throw new SimException($"--policies-from {assemblies}: {e.Message}");
        }
    }

    /// <summary>A policy's name as it is written in the catalog.</summary>
    /// <exception cref="SimException">There is none.</exception>
    public string NameOf(string name) => _all.FindName(name)
        ?? throw new SimException($"There is no scheduling policy {name}. There are {string.Join(", ", _all.Names)}.");
}
