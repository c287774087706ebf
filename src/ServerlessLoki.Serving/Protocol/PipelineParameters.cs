using System.Text;
using System.Text.Json;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Protocol;

/// <summary>Object <c>parameters</c> of a pipeline's answer.</summary>
internal static class PipelineParameters
{
    public static void Write(Utf8JsonWriter json, Pipeline pipeline, QueryResult result)
    {
        json.WriteNumber("accuracy"u8, Math.Round(result.Accuracy, 6));
        json.WriteNumber("plan_version"u8, result.PlanVersion);
        json.WriteNumber("latency_ms"u8, Math.Round(result.Latency.TotalMilliseconds, 3));
        json.WriteNumber("queue_ms"u8, Math.Round(result.Queued.TotalMilliseconds, 3));
        json.WriteNumber("compute_ms"u8, Math.Round(result.Computed.TotalMilliseconds, 3));
        json.WriteString("variants"u8, Variants(pipeline, result));
    }

    /// <summary>Writes which variants answered: <c>detect=detect-n,classify-vehicle=classify-vehicle-s+classify-vehicle-m</c>.</summary>
    private static string Variants(Pipeline pipeline, QueryResult result)
    {
        var text = new StringBuilder(64);
        foreach (var task in pipeline.Tasks)
        {
            var separator = '=';
            foreach (var variant in task.Variants)
            {
                if (!Used(result, task.Index, variant.Index))
                    continue;
                if (separator == '=')
                    text.Append(text.Length > 0 ? "," : "").Append(task.Name);
                text.Append(separator).Append(variant.Name);
                separator = '+';
            }
        }

        return text.ToString();
    }

    private static bool Used(QueryResult result, int task, int variant)
    {
        foreach (var answer in result.Answers)
        {
            if (answer.Task == task && answer.Variant == variant)
                return true;
        }

        return false;
    }
}
