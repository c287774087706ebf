using System.Globalization;

namespace ServerlessLoki.Cli.Charts;

/// <summary>Maps values to 0..1 and chooses ticks.</summary>
internal sealed class Axis
{
    private readonly bool _log;

    private Axis(double low, double high, bool log, double[] ticks)
    {
        Low = low;
        High = high;
        _log = log;
        Ticks = ticks;
    }

    /// <summary>Value at position 0.</summary>
    public double Low { get; }

    /// <summary>Value at position 1.</summary>
    public double High { get; }

    /// <summary>Values to mark, ascending.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>An axis that covers the range; open ends grow to the next tick.</summary>
    /// <param name="low">Least value; above 0 when logarithmic.</param>
    /// <param name="high">Largest value.</param>
    /// <param name="log">Logarithmic.</param>
    /// <param name="count">About how many ticks.</param>
    /// <param name="tight">True to keep both ends as they are.</param>
    public static Axis Cover(double low, double high, bool log, int count, bool tight = false)
    {
        if (!double.IsFinite(low) || !double.IsFinite(high))
            (low, high) = (log ? 1 : 0, log ? 10 : 1);
        if (log)
            return Logarithmic(Math.Max(1e-9, low), Math.Max(low, high), tight);
        if (high <= low)
            high = low + (low == 0 ? 1 : Math.Abs(low) * 0.1);
        var step = NiceStep((high - low) / Math.Max(1, count));
        if (!tight)
            (low, high) = (Math.Floor((low / step) + 1e-9) * step, Math.Ceiling((high / step) - 1e-9) * step);
        var first = (long)Math.Ceiling((low / step) - 1e-9);
        var last = (long)Math.Floor((high / step) + 1e-9);
        return new Axis(low, high, false, [.. Enumerable.Range(0, (int)(last - first + 1)).Select(i => (first + i) * step)]);
    }

    /// <summary>An axis with given ticks that covers exactly them.</summary>
    public static Axis Fixed(IReadOnlyList<double> ticks, bool log) =>
        ticks.Count == 1 ? Cover(ticks[0] / 2, ticks[0] * 2, log, 2) : new Axis(ticks[0], ticks[^1], log, [.. ticks]);

    /// <summary>0 at the low end, 1 at the high end; values beyond are held at the ends.</summary>
    public double Position(double value)
    {
        var share = _log
            ? Math.Log(Math.Max(value, Low * 1e-6) / Low) / Math.Log(High / Low)
            : (value - Low) / (High - Low);
        return Math.Clamp(share, 0, 1);
    }

    /// <summary>A tick's label: no more digits than it needs.</summary>
    public static string Label(double value) => Math.Abs(value) >= 10_000
        ? (value / 1000).ToString("0.#", CultureInfo.InvariantCulture) + "k"
        : value.ToString("0.####", CultureInfo.InvariantCulture);

    private static Axis Logarithmic(double low, double high, bool tight)
    {
        var ticks = new List<double>();
        for (var decade = Math.Floor(Math.Log10(low)); decade <= Math.Ceiling(Math.Log10(high)); decade++)
        {
            foreach (var digit in (ReadOnlySpan<double>)[1, 2, 5])
                ticks.Add(digit * Math.Pow(10, decade));
        }

        if (!tight)
        {
            low = ticks.Last(t => t <= low * 1.0000001);
            high = ticks.First(t => t >= high * 0.9999999 && t > low);
        }
        else if (high <= low)
        {
            high = low * 2;
        }

        var inside = ticks.Where(t => t >= low * 0.9999999 && t <= high * 1.0000001).ToArray();
        return new Axis(low, high, true, inside.Length > 7 ? [.. inside.Where(t => Math.Abs(Math.Log10(t) - Math.Round(Math.Log10(t))) < 1e-6)] : inside);
    }

    private static double NiceStep(double raw)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var digit = raw / power;
        return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
    }
}
