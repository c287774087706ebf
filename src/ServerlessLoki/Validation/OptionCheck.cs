using System.Globalization;
using System.Runtime.CompilerServices;

namespace ServerlessLoki.Validation;

/// <summary>Collects what is wrong with options: each fault names the option, the value found and what is allowed.</summary>
/// <param name="path">Where the options stand in larger ones, for example <c>Engine</c>; empty = nowhere.</param>
public sealed class OptionCheck(string path = "")
{
    private readonly List<Fault> _faults = [];

    /// <summary>All faults so far.</summary>
    public IReadOnlyList<Fault> Faults => _faults;

    /// <summary>A value of at least <paramref name="least"/>.</summary>
    public void AtLeast<T>(T value, T least, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : IComparable<T> => Require(value.CompareTo(least) >= 0, value, $"{Text(least)} or more", name);

    /// <summary>A value above <paramref name="bound"/>.</summary>
    public void Above<T>(T value, T bound, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : IComparable<T> => Require(value.CompareTo(bound) > 0, value, $"above {Text(bound)}", name);

    /// <summary>A value within bounds, both included.</summary>
    public void Within<T>(T value, T least, T most, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : IComparable<T> => Require(value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0, value, $"{Text(least)} to {Text(most)}", name);

    /// <summary>As <see cref="Within{T}(T, T, T, string)"/>, or null.</summary>
    public void Within<T>(T? value, T least, T most, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : struct, IComparable<T>
    {
        if (value is { } given)
            Within(given, least, most, name);
    }

    /// <summary>A share: above 0, up to 1.</summary>
    public void Share(double value, [CallerArgumentExpression(nameof(value))] string name = "") => Require(value is > 0 and <= 1, value, "above 0 up to 1", name);

    /// <summary>A value of an enumeration that is defined.</summary>
    public void Defined<T>(T value, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : struct, Enum => Require(Enum.IsDefined(value), value, string.Join(", ", Enum.GetNames<T>()), name);

    /// <summary>A known name.</summary>
    public void OneOf(string value, IEnumerable<string> known, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        var names = known.ToArray();
        Require(names.Contains(value, StringComparer.Ordinal), value, Names.Allowed(value ?? "", names), name);
    }

    /// <summary>Any other rule.</summary>
    public void Require(bool holds, object? found, string allowed, string name)
    {
        if (!holds)
            _faults.Add(new Fault(path.Length == 0 ? name : $"{path}.{name}", "out of bounds", Text(found), allowed));
    }

    /// <summary>Adds the faults of options within these.</summary>
    public void Add(IEnumerable<Fault> faults) => _faults.AddRange(faults);

    /// <exception cref="OptionsException">There are faults: lists all.</exception>
    /// <param name="source">What the options are of, for people.</param>
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
