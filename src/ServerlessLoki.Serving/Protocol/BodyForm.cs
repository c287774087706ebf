namespace ServerlessLoki.Serving.Protocol;

/// <summary>How a request body is laid out.</summary>
public enum BodyForm
{
    /// <summary>One JSON document.</summary>
    Json,

    /// <summary>A JSON document followed by binary tensors; its length stands in <c>Inference-Header-Content-Length</c>.</summary>
    Binary,

    /// <summary>The one input's bytes and nothing else (<c>Inference-Header-Content-Length: 0</c>).</summary>
    Raw,

    /// <summary>A picture file, for pipelines whose input is an image. Its format is found in its bytes.</summary>
    Picture,

    /// <summary>A WAV file, for pipelines that take sounds.</summary>
    Sound,
}
