using System.Collections.Immutable;
using System.Globalization;

namespace ServerlessLoki.Forecasting;

/// <summary>The forecasters that options, command lines and scenario files can name: <c>ewma</c>, <c>peak-window:60</c>,
/// <c>ewma:0.5+rising-trend</c>, <c>onnx:lstm.onnx</c>. Immutable and thread-safe.</summary>
/// <remarks>A name may take one figure behind a colon; several names joined by + give the most cautious of them.</remarks>
public sealed class ForecasterRegistry
{
    private const string Learned = "onnx";
    private readonly ImmutableSortedDictionary<string, ForecasterEntry> _byName;

    /// <summary>Takes forecasters; see <see cref="IDemandForecaster"/> for how to write one.</summary>
    /// <exception cref="ArgumentException">A name is blank, reserved or has a sign that separates names, or two forecasters have the same.</exception>
    public ForecasterRegistry(IEnumerable<ForecasterEntry> forecasters)
    {
        ArgumentNullException.ThrowIfNull(forecasters);
        var byName = ImmutableSortedDictionary.CreateBuilder<string, ForecasterEntry>(StringComparer.Ordinal);
        foreach (var forecaster in forecasters)
        {
            if (string.IsNullOrWhiteSpace(forecaster.Name) || forecaster.Name.Any(c => c is '+' or ':' || char.IsWhiteSpace(c)) || forecaster.Name == Learned)
                throw new ArgumentException($"A forecaster is named \"{forecaster.Name}\"; allowed: a name without +, : and blanks, and not {Learned}.", nameof(forecasters));
            if (!byName.TryAdd(forecaster.Name, forecaster))
                throw new ArgumentException($"Two forecasters are named \"{forecaster.Name}\": give one of them another name.", nameof(forecasters));
        }

        _byName = byName.ToImmutable();
        Names = [.. _byName.Keys.Append($"{Learned}:FILE").Order(StringComparer.Ordinal)];
        Notes =
        [
            .. _byName.Values.Select(e => (e.Name, e.Figure is null ? e.Summary : $"{e.Summary} ({e.Name}:N with N = {e.Figure})"))
                .Append(($"{Learned}:FILE", "a learned model over the maxima of the last steps, such as the LSTMs of InfAdapter and IPA")).OrderBy(n => n.Item1, StringComparer.Ordinal),
        ];
    }

    /// <summary>The built-in forecasters, see <see cref="Forecasters"/>.</summary>
    public static ForecasterRegistry Default { get; } = new(Forecasters.BuiltIn);

    /// <summary>Known names, sorted; <c>onnx:FILE</c> where files can be loaded.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Summary line of each forecaster, by name.</summary>
    public ImmutableArray<(string Name, string Summary)> Notes { get; }

    /// <summary>These forecasters and more.</summary>
    /// <exception cref="ArgumentException">A name is not allowed, or taken.</exception>
    public ForecasterRegistry With(params IEnumerable<ForecasterEntry> forecasters) => new(_byName.Values.Concat(forecasters));

    /// <summary>Makes a forecaster.</summary>
    /// <param name="text">A name, or several joined by +.</param>
    /// <param name="loadModel">Loads the file of <c>onnx:FILE</c>, and throws a <see cref="FormatException"/> where it cannot; null =
    /// models cannot be loaded here.</param>
    /// <exception cref="FormatException">The text names no forecaster, or a file that is none; the message says what is allowed.</exception>
    public IDemandForecaster Create(string text, Func<string, ISequenceModel>? loadModel = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('+').Select(p => One(p.Trim(), loadModel)).ToArray();
        return parts.Length == 1 ? parts[0] : new MaxForecaster(parts);
    }

    /// <summary>Returns why <see cref="Create"/> would refuse a text; null when it would accept it.</summary>
    public string? FaultOf(string text, Func<string, ISequenceModel>? loadModel = null)
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

    private IDemandForecaster One(string text, Func<string, ISequenceModel>? loadModel)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (name, argument) = colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
        if (name == Learned && !string.IsNullOrEmpty(argument))
        {
            return loadModel is null
                ? throw new FormatException($"Forecaster \"{text}\": models cannot be loaded here; allowed: {string.Join(", ", _byName.Keys)}")
                : new SequenceForecaster(loadModel(argument));
        }

        if (!_byName.TryGetValue(name, out var entry))
            throw new FormatException($"There is no forecaster \"{text}\"; allowed: {Validation.Names.Allowed(name, Names)}");
        if (argument is null)
            return entry.Make(null);
        var isNumber = double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out var figure) && figure >= entry.Least && figure <= 1e6;
        return entry.Figure is not null && isNumber
            ? entry.Make(figure)
            : throw new FormatException(
                $"Forecaster \"{text}\": found \"{argument}\"; allowed: {(entry.Figure is null ? "no figure" : $"a number of at least {entry.Least} ({entry.Figure})")}");
    }
}
