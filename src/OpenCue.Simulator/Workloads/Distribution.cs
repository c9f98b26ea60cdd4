using System.Text.Json;
using System.Text.Json.Serialization;

namespace OpenCue.Simulator.Workloads;

/// <summary>
/// Numbers that are drawn: <c>5</c>, <c>{"uniform": {"min": 1, "max": 9}}</c>, <c>{"lognormal": {"median": 300, "sigma": 0.8}}</c>,
/// <c>{"pareto": {"min": 60, "alpha": 1.5}}</c>, <c>{"choice": {"50": 3, "100": 1}}</c> (numbers and their weights). Lognormal and Pareto have heavy tails; both
/// take <c>min</c> and <c>max</c>.
/// </summary>
[JsonConverter(typeof(DistributionConverter))]
internal abstract record Distribution
{
    /// <summary>Draws a number.</summary>
    public abstract double Draw(Dice dice);

    /// <summary>What is wrong with it, or null.</summary>
    public abstract string? Problem { get; }
}

/// <summary>Always the same number.</summary>
internal sealed record Constant(double Value) : Distribution
{
    /// <inheritdoc/>
    public override string? Problem => double.IsFinite(Value) ? null : "must be a finite number";

    /// <inheritdoc/>
    public override double Draw(Dice dice) => Value;
}

/// <summary>Any number between two, all alike.</summary>
internal sealed record Uniform : Distribution
{
    /// <summary>The least.</summary>
    public required double Min { get; init; }

    /// <summary>The greatest.</summary>
    public required double Max { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override string? Problem => Min <= Max ? null : "min is above max";

    /// <inheritdoc/>
    public override double Draw(Dice dice) => Min + (dice.Unit() * (Max - Min));
}

/// <summary>Numbers whose logarithm lies on a bell curve: half lie below the median, a few far above it.</summary>
internal sealed record LogNormal : Distribution
{
    /// <summary>Half of the numbers lie below.</summary>
    public required double Median { get; init; }

    /// <summary>How far they spread: two thirds lie between median/e^sigma and median·e^sigma.</summary>
    public required double Sigma { get; init; }

    /// <summary>Lower ones become this.</summary>
    public double Min { get; init; }

    /// <summary>Higher ones become this.</summary>
    public double Max { get; init; } = double.MaxValue;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string? Problem => Median <= 0 ? "median must be above 0" : Sigma < 0 ? "sigma must not be below 0" : Min > Max ? "min is above max" : null;

    /// <inheritdoc/>
    public override double Draw(Dice dice) => Math.Clamp(Median * Math.Exp(Sigma * dice.Normal()), Min, Max);
}

/// <summary>Numbers of which the share above x falls as (min/x)^alpha: the smaller alpha, the heavier the tail.</summary>
internal sealed record Pareto : Distribution
{
    /// <summary>The least.</summary>
    public required double Min { get; init; }

    /// <summary>How fast the tail falls; below 2 its spread is endless, below 1 its mean, too.</summary>
    public required double Alpha { get; init; }

    /// <summary>Higher ones become this.</summary>
    public double Max { get; init; } = double.MaxValue;

    /// <inheritdoc/>
    [JsonIgnore]
    public override string? Problem => Min <= 0 ? "min must be above 0" : Alpha <= 0 ? "alpha must be above 0" : Min > Max ? "min is above max" : null;

    /// <inheritdoc/>
    public override double Draw(Dice dice) => Math.Min(Min / Math.Pow(1 - dice.Unit(), 1 / Alpha), Max);
}

/// <summary>One of some numbers.</summary>
internal sealed record Choice(IReadOnlyList<KeyValuePair<double, double>> Weights) : Distribution
{
    /// <inheritdoc/>
    public override string? Problem =>
        Weights.Count == 0 || Weights.Any(w => w.Value < 0) || Weights.All(w => w.Value == 0) ? "needs numbers with weights above 0" : null;

    /// <inheritdoc/>
    public override double Draw(Dice dice) => dice.Pick(Weights, w => w.Value).Key;
}

/// <summary>Reads and writes the short forms.</summary>
internal sealed class DistributionConverter : JsonConverter<Distribution>
{
    private const string Kinds = "a number, or one of uniform, lognormal, pareto, choice";

    /// <inheritdoc/>
    public override Distribution Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var distribution = ReadKind(ref reader, options);
        return distribution.Problem is { } problem ? throw new JsonException(problem) : distribution;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Distribution value, JsonSerializerOptions options)
    {
        if (value is Constant constant)
        {
            writer.WriteNumberValue(constant.Value);
            return;
        }

        writer.WriteStartObject();
        writer.WritePropertyName(value.GetType().Name.ToLowerInvariant());
        if (value is Choice choice)
        {
            writer.WriteStartObject();
            foreach (var (number, weight) in choice.Weights)
            {
                writer.WriteNumber(number.ToString(CultureInfo.InvariantCulture), weight);
            }

            writer.WriteEndObject();
        }
        else
        {
            JsonSerializer.Serialize(writer, value, value.GetType(), options);
        }

        writer.WriteEndObject();
    }

    private static Distribution ReadKind(ref Utf8JsonReader reader, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return new Constant(reader.GetDouble());
        }

        if (reader.TokenType != JsonTokenType.StartObject || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
        {
            throw new JsonException($"expected {Kinds}");
        }

        var kind = reader.GetString();
        reader.Read();
        Distribution distribution = kind switch
        {
            "uniform" => JsonSerializer.Deserialize<Uniform>(ref reader, options)!, // A value of null is refused by the options.
            "lognormal" => JsonSerializer.Deserialize<LogNormal>(ref reader, options)!,
            "pareto" => JsonSerializer.Deserialize<Pareto>(ref reader, options)!,
            "choice" => ReadChoice(JsonSerializer.Deserialize<Dictionary<string, double>>(ref reader, options)!),
            _ => throw new JsonException($"'{kind}' is no distribution: expected {Kinds}"),
        };
        return reader.Read() && reader.TokenType == JsonTokenType.EndObject
            ? distribution
            : throw new JsonException($"a distribution has one kind only: expected {Kinds}");
    }

    private static Choice ReadChoice(Dictionary<string, double> weights) => new(
    [
        .. weights.Select(w => double.TryParse(w.Key, CultureInfo.InvariantCulture, out var number)
            ? KeyValuePair.Create(number, w.Value)
            : throw new JsonException($"choice has the number '{w.Key}', which is none")),
    ]);
}
