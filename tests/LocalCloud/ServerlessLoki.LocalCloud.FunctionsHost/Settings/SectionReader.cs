using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Settings;

/// <summary>Reads values of host.json and collects their faults.</summary>
internal sealed class SectionReader(string file, IConfiguration root, List<string> faults)
{
    public TimeSpan Span(string path, TimeSpan least, TimeSpan most, TimeSpan standard)
    {
        if (root[path] is not { } text)
            return standard;
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;
        faults.Add($"{file}: {path} is '{text}'; it takes a time from {least} to {most}, as hh:mm:ss");
        return standard;
    }

    public int Whole(string path, int least, int most, int standard)
    {
        if (root[path] is not { } text)
            return standard;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
            return value;
        faults.Add($"{file}: {path} is '{text}'; it takes a whole number from {least} to {most}");
        return standard;
    }

    public bool Flag(string path, bool standard)
    {
        if (root[path] is not { } text)
            return standard;
        if (bool.TryParse(text, out var value))
            return value;
        faults.Add($"{file}: {path} is '{text}'; it takes true or false");
        return standard;
    }
}
