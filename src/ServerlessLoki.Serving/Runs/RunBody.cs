using ServerlessLoki.Pipelines;
using ServerlessLoki.Serving.Protocol;
using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Runs;

/// <summary>The stored result of a run.</summary>
internal static class RunBody
{
    /// <summary>Writes the result. It is always JSON, whatever form the request had, since other clients may read it later.</summary>
    public static string Of(Pipeline pipeline, PipelineCall call, QueryResult result)
    {
        var outputs = OutputSelection.Of(
            PipelineOutputs.Of(pipeline, result), call.Outputs?.Select(o => o with { Binary = false }).ToArray(), binary: false);
        return AnswerJson.Text(json => InferJson.Write(
            json, pipeline.Name, call.Id, outputs, static (j, s) => PipelineParameters.Write(j, s.pipeline, s.result), (pipeline, result)));
    }
}
