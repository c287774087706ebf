using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Validation;

namespace ServerlessLoki.Forecasting;

/// <summary>All forecasters by name: <c>ewma</c>, <c>peak-window:60</c>, <c>ewma:0.5+rising-trend</c>, <c>onnx:lstm.onnx</c>.</summary>
/// <remarks>A name may take one figure behind a colon; several names joined by + give the most cautious of them. To add one: write
/// an <see cref="IDemandForecaster"/> and an entry below.</remarks>
public static class Forecasters
{
    /// <summary>The embedded host's: a fast mean for the level, and the trend so that a rise is not lagged.</summary>
    public const string Default = "ewma:0.5+rising-trend";

    private const string Learned = "onnx";

    private static readonly ImmutableArray<Entry> Entries =
    [
        new("envelope", "the largest rate of any window that outgrew its past, else of the last half minute", null, 0, _ => new EnvelopeForecaster()),
        new("ewma", "exponentially weighted mean", "centre of mass in samples, default 1.6", 0, x => new EwmaForecaster(x ?? 1.6)),
        new("holt-winters", "smoothed level and trend, and a season where one is named", "samples per season, default none", 0, x => new HoltWintersForecaster(seasonLength: (int)(x ?? 0))),
        new("peak-window", "the largest of the last samples", "samples, default 60", 1, x => new PeakWindowForecaster((int)(x ?? 60))),
        new("rising-trend", "the last sample, or the line through the last ones where it rises", "samples ahead, default 1.5", 0, x => new RisingTrendForecaster(horizon: x ?? 1.5)),
    ];

    /// <summary>Known names, sorted; <c>onnx:FILE</c> where files can be loaded.</summary>
    public static ImmutableArray<string> KnownNames { get; } = [.. Entries.Select(e => e.Name).Append($"{Learned}:FILE").Order(StringComparer.Ordinal)];

    /// <summary>One line about each, by name.</summary>
    public static ImmutableArray<(string Name, string Summary)> Notes { get; } =
    [
        .. Entries.Select(e => (e.Name, e.Figure is null ? e.Summary : $"{e.Summary} ({e.Name}:N with N = {e.Figure})"))
            .Append(($"{Learned}:FILE", "a learned model over the maxima of the last steps, such as the LSTMs of InfAdapter and IPA")).OrderBy(n => n.Item1, StringComparer.Ordinal),
    ];

    /// <summary>Makes a forecaster.</summary>
    /// <param name="text">A name, or several joined by +.</param>
    /// <param name="loadModel">Loads the file of <c>onnx:FILE</c>, and throws a <see cref="FormatException"/> where it cannot; null =
    /// models cannot be loaded here.</param>
    /// <exception cref="FormatException">The text names no forecaster, or a file that is none; the message says what is allowed.</exception>
    public static IDemandForecaster Create(string text, Func<string, ISequenceModel>? loadModel = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('+').Select(p => One(p.Trim(), loadModel)).ToArray();
        return parts.Length == 1 ? parts[0] : new MaxForecaster(parts);
    }

    /// <summary>Why <see cref="Create"/> would refuse a text; null when it would not.</summary>
    public static string? FaultOf(string text, Func<string, ISequenceModel>? loadModel = null)
    {
        try
        {
            Create(text, loadModel);
            return null;
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }

    private static IDemandForecaster One(string text, Func<string, ISequenceModel>? loadModel)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (name, argument) = colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
        if (name == Learned && !string.IsNullOrEmpty(argument))
        {
            return loadModel is null
                ? throw new FormatException($"Forecaster \"{text}\": models cannot be loaded here; allowed: {string.Join(", ", Entries.Select(e => e.Name))}")
                : new SequenceForecaster(loadModel(argument));
        }

        var entry = Entries.FirstOrDefault(e => e.Name == name)
            ?? throw new FormatException($"There is no forecaster \"{text}\"; allowed: {Names.Allowed(name, KnownNames)}");
        if (argument is null)
            return entry.Make(null);
        var isNumber = double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out var figure) && figure >= entry.Least && figure <= 1e6;
        return entry.Figure is not null && isNumber
            ? entry.Make(figure)
            : throw new FormatException(
                $"Forecaster \"{text}\": found \"{argument}\"; allowed: {(entry.Figure is null ? "no figure" : $"a number of at least {entry.Least} ({entry.Figure})")}");
    }

    private sealed record Entry(string Name, string Summary, string? Figure, double Least, Func<double?, IDemandForecaster> Make);
}
