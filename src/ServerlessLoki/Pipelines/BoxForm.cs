namespace ServerlessLoki.Pipelines;

/// <summary>Meaning of the four numbers of a bounding box.</summary>
public enum BoxForm
{
    /// <summary>Left, top, right, bottom.</summary>
    Xyxy,

    /// <summary>Left, top, width, height.</summary>
    Xywh,

    /// <summary>Centre, then width and height.</summary>
    Cxcywh,

    /// <summary>Top, left, bottom, right, as the TensorFlow object detection models give them.</summary>
    Yxyx,
}
