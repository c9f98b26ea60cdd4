using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace OpenCue.Storage.Migrations;

/// <summary>One numbered step of the schema, as an SQL file inside this assembly: <c>Migrations/Sqlite/0001_farm.sql</c> and its like.</summary>
/// <param name="Number">Its number; steps are taken in this order, each in a transaction of its own.</param>
/// <param name="Name">The file's name without folder and ending.</param>
/// <param name="Sql">Its statements.</param>
internal sealed record MigrationScript(int Number, string Name, string Sql)
{
    /// <summary>SHA-256 of the statements: a step that was taken is never edited, a new one is added.</summary>
    public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    /// <summary>All steps of a dialect, in order.</summary>
    /// <param name="dialect">The name of the folder.</param>
    public static IReadOnlyList<MigrationScript> For(string dialect)
    {
        var assembly = typeof(MigrationScript).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith(dialect, StringComparison.Ordinal) && n.EndsWith(".sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(resource =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);

                // The separator between folder and file is that of the machine that built this.
                var name = Path.GetFileNameWithoutExtension(resource[(dialect.Length + 1)..]);
                return new MigrationScript(int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, reader.ReadToEnd());
            })];
    }

    /// <summary>
    /// The steps that a database still lacks. Throws <see cref="StoreDataException"/> if it has taken steps that this program does not know, or
    /// others under the same number.
    /// </summary>
    public static IEnumerable<MigrationScript> Missing(
        IReadOnlyList<MigrationScript> known, IReadOnlyCollection<AppliedMigration> applied, string database)
    {
        foreach (var step in applied.OrderBy(a => a.Number))
        {
            if (known.FirstOrDefault(k => k.Number == step.Number) is not { } script)
            {
                throw new StoreDataException("migration", step.Name,
                    $"{database} was made by a newer version of this program: it has the schema step {step.Name}, and this version knows "
                    + $"steps up to {(known.Count > 0 ? known[^1].Name : "none")}. Start the newer version, or restore a backup made before the upgrade.");
            }

            if (script.Checksum != step.Checksum)
            {
                throw new StoreDataException("migration", step.Name,
                    $"The schema step {script.Name} of this program differs from the step {step.Name} that {database} has taken "
                    + $"(checksum {script.Checksum[..12]} instead of {step.Checksum[..Math.Min(12, step.Checksum.Length)]}). "
                    + "The database belongs to another build of this program; start that one, or use another database.");
            }
        }

        return known.Where(k => applied.All(a => a.Number != k.Number));
    }
}

/// <summary>A step that a database has taken.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Name">Its name then.</param>
/// <param name="Checksum">Its checksum then.</param>
internal sealed record AppliedMigration(int Number, string Name, string Checksum);
