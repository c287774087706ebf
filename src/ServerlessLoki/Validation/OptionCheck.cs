using System.Globalization;
using System.Runtime.CompilerServices;

namespace ServerlessLoki.Validation;

/// <summary>Validator of options that collects all faults: each names the option, the value found and what is allowed.</summary>
/// <param name="path">Place of the options in larger ones, for example <c>Engine</c>; empty = at the top.</param>
public sealed class OptionCheck(string path = "")
{
    private readonly List<Fault> _faults = [];

    /// <summary>All faults so far.</summary>
    public IReadOnlyList<Fault> Faults => _faults;

    /// <summary>Requires a value of at least <paramref name="least"/>.</summary>
    public void AtLeast<T>(T value, T least, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : IComparable<T> => Require(value.CompareTo(least) >= 0, value, $"{Text(least)} or more", name);

    /// <summary>Requires a value above <paramref name="bound"/>.</summary>
    public void Above<T>(T value, T bound, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : IComparable<T> => Require(value.CompareTo(bound) > 0, value, $"above {Text(bound)}", name);

    /// <summary>Requires a value within bounds, both included.</summary>
    public void Within<T>(T value, T least, T most, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : IComparable<T> => Require(value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0, value, $"{Text(least)} to {Text(most)}", name);

    /// <summary>Requires a value within bounds like <see cref="Within{T}(T, T, T, string)"/>, or null.</summary>
    public void Within<T>(T? value, T least, T most, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : struct, IComparable<T>
    {
        if (value is { } given)
            Within(given, least, most, name);
    }

    /// <summary>Requires a share: above 0, up to 1.</summary>
    public void Share(double value, [CallerArgumentExpression(nameof(value))] string name = "") => Require(value is > 0 and <= 1, value, "above 0 up to 1", name);

    /// <summary>Requires a defined value of an enumeration.</summary>
    public void Defined<T>(T value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : struct, Enum => Require(Enum.IsDefined(value), value, string.Join(", ", Enum.GetNames<T>()), name);

    /// <summary>Requires a known name.</summary>
    public void OneOf(string value, IEnumerable<string> known, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        var names = known.ToArray();
        Require(names.Contains(value, StringComparer.Ordinal), value, Names.Allowed(value ?? "", names), name);
    }

    /// <summary>Requires a condition of any other kind.</summary>
    public void Require(bool holds, object? found, string allowed, string name)
    {
        if (!holds)
            _faults.Add(new Fault(path.Length == 0 ? name : $"{path}.{name}", "out of bounds", Text(found), allowed));
    }

    /// <summary>Adds the faults of options within these.</summary>
    public void Add(IEnumerable<Fault> faults) => _faults.AddRange(faults);

    /// <exception cref="OptionsException">There are faults: lists all.</exception>
    /// <param name="source">Name of the options' owner, for messages.</param>
    public void ThrowIfAny(string source)
    {
        if (_faults.Count > 0)
            throw new OptionsException(source, _faults);
    }

    private static string Text(object? value) => value switch
    {
        null => "nothing",
        string text => $"\"{text}\"",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
