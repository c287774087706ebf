using System.Globalization;
using System.Text.RegularExpressions;

namespace ServerlessLoki.Samples.Evaluation;

/// <summary>Transfer of measured figures into a pipeline file, so that they need not be typed.</summary>
public static partial class PipelineAccuracies
{
    /// <summary>Returns the pipeline file's text with each variant's <c>accuracy</c> and <c>measured</c> from the report; the rest is
    /// unchanged.</summary>
    /// <exception cref="ArgumentException">A variant of the file was not measured.</exception>
    public static string Apply(string pipelineJson, AccuracyReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return Variant().Replace(pipelineJson, match =>
        {
            var name = match.Groups["name"].Value;
            var figure = report.Of(name) ?? throw new ArgumentException($"variant '{name}' is not among the measured ones", nameof(report));
            var what = report.Detectors.Any(d => d.Name == name) ? "mAP@0.5" : "top-1 on true boxes";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{match.Groups["head"].Value}{figure}, \"measured\": \"{what}, {report.Scenes} held-out scenes\"");
        });
    }

    [GeneratedRegex(
        "(?<head>\"name\": \"(?<name>[^\"]+)\", \"model\": \"[^\"]+\", \"accuracy\": )[0-9.]+, \"measured\": \"[^\"]*\"",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Variant();
}
