using FsCheck;
using FsCheck.Fluent;

namespace OpenCue.Specs.Tests;

/// <summary>Runs a property over many generated values; a failure names the value and the seed.</summary>
internal static class Properties
{
    public static void Holds<T>(Arbitrary<T> values, Action<T> assertion, int cases = 500) =>
        Prop.ForAll(values, assertion).Check(Config.QuickThrowOnFailure.WithMaxTest(cases));
}
