using System.Diagnostics.Metrics;
using ServerlessLoki.Serving.Telemetry;

namespace ServerlessLoki.Serving.Http;

/// <summary>Values of one engine's meter in the Prometheus text format: seconds, cumulative since the start.</summary>
/// <remarks>A family's name follows from its instrument's by the usual rule: dots become underscores, the unit (<c>_seconds</c>, <c>_ratio</c>) and for
/// counters <c>_total</c> are appended; its help text is the instrument's description, its labels are the tags.</remarks>
public static class MetricsText
{
    /// <summary>Writes the text.</summary>
    /// <param name="engine">Engine of the meter; null while the host starts.</param>
    public static string Of(IServingEngine? engine)
    {
        var text = new PrometheusText();
        if (engine is null)
        {
            var name = NameOf(EngineGauges.Ready, null);
            return text.Family(name, "gauge", EngineGauges.ReadyMeans).Sample(name, "", 0).ToString();
        }

        engine.Metrics.View.Look(families =>
        {
            foreach (var family in families)
                Write(text, family);
            TritonNames.Write(text, new Figures(families));
        });
        return text.ToString();
    }

    private static void Write(PrometheusText text, MetricFamily family)
    {
        var instrument = family.Instrument;
        if (instrument is Histogram<double> histogram)
        {
            var name = NameOf(instrument.Name, instrument.Unit);
            text.Family(name, "histogram", instrument.Description!);
            foreach (var (tags, series) in family.Series)
                text.Histogram(name, PrometheusText.Labels(tags.AsSpan()), series, histogram.Advice!.HistogramBucketBoundaries!, instrument.Unit == "s" ? 1e-6 : 1);
            return;
        }

        var isCounter = instrument.GetType().GetGenericTypeDefinition() == typeof(ObservableCounter<>);
        var sampled = NameOf(instrument.Name, instrument.Unit) + (isCounter ? "_total" : "");
        text.Family(sampled, isCounter ? "counter" : "gauge", instrument.Description!);
        foreach (var sample in family.Samples)
            text.Sample(sampled, PrometheusText.Labels(sample.Tags.AsSpan()), sample.Value);
    }

    private static string NameOf(string instrument, string? unit) => instrument.Replace('.', '_') + unit switch
    {
        "s" => "_seconds",
        "1" => "_ratio",
        _ => "",
    };
}
