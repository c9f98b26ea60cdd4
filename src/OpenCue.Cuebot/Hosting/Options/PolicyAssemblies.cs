using System.Reflection;
using System.Runtime.Loader;
using OpenCue.Farm.Scheduling.Policies;

namespace OpenCue.Cuebot.Hosting.Options;

/// <summary>Loads scheduling policies that a site wrote itself.</summary>
internal static class PolicyAssemblies
{
    /// <summary>
    /// Makes one object of each public class with <see cref="ISchedulingPolicy"/> and a constructor without parameters.
    /// </summary>
    /// <param name="files">Assembly files, divided by commas.</param>
    /// <exception cref="FormatException">A file can't be loaded, or holds no policy that can be made.</exception>
    public static IReadOnlyList<ISchedulingPolicy> Load(string files) =>
        [.. files.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(LoadOne)];

    private static List<ISchedulingPolicy> LoadOne(string file)
    {
        List<ISchedulingPolicy> policies;
        try
        {
            policies = [.. AssemblyLoadContext.Default.LoadFromAssemblyPath(Path.GetFullPath(file)).GetTypes().Where(IsPolicy).Select(Make)];
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or UnauthorizedAccessException or ArgumentException)
        {
            throw new FormatException($"{file} can't be loaded: {e.Message.TrimEnd('.')}", e);
        }
        catch (Exception e) when (e is ReflectionTypeLoadException or TypeLoadException or MissingMemberException)
        {
            throw new FormatException($"{file} does not fit this cuebot; build it against the OpenCue.Farm.dll beside it ({e.Message.Split('\n')[0].TrimEnd('.')})", e);
        }

        return policies.Count > 0
            ? policies
            : throw new FormatException($"{file} has no public class that implements {nameof(ISchedulingPolicy)} and has a constructor without parameters");
    }

    private static bool IsPolicy(Type type) =>
        type is { IsPublic: true, IsAbstract: false, IsClass: true } && type.IsAssignableTo(typeof(ISchedulingPolicy)) && type.GetConstructor([]) is not null;

    private static ISchedulingPolicy Make(Type type)
    {
        try
        {
            var policy = (ISchedulingPolicy)Activator.CreateInstance(type)!;
            return policy.Name is { Length: > 0 and <= 64 } name && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
                ? policy
                : throw new FormatException($"{type.FullName} has the name \"{policy.Name}\"; a policy's name has up to 64 letters, digits and underscores");
        }
        catch (TargetInvocationException e)
        {
            throw new FormatException($"{type.FullName} can't be made: {(e.InnerException ?? e).Message.TrimEnd('.')}", e);
        }
    }
}
