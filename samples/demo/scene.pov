// A field of columns that a wave runs through, and a mirror ball that rides on it. The clock goes from 0 to 1 and
// the picture at 1 is the one at 0, so that the movie loops. It needs none of POV-Ray's include files.
#version 3.7;

global_settings {
  assumed_gamma 1.0
  max_trace_level 4
}

#declare Turn = 2 * pi * clock;
#declare Half = 9;         // columns on each side of the middle
#declare Spacing = 1.0;

// How high a column stands: two rings running outwards and a slow swell across the field.
#macro Height(X, Z)
  #local Far = sqrt(X * X + Z * Z);
  (2.2 + 0.9 * sin(0.85 * Far - 2 * Turn) * exp(-0.05 * Far) + 0.45 * sin(0.45 * X + 0.3 * Z + Turn))
#end

camera {
  #declare Around = pi / 5 + 0.22 * sin(Turn);
  location <16 * sin(Around), 8.6 + 0.6 * cos(Turn), -16 * cos(Around)>
  look_at <0, 2.4, 0>
  right x * 16 / 9
  angle 52
}

light_source {
  <-14, 22, -12> rgb <1.15, 1.05, 0.92> * 1.25
  area_light <4, 0, 0>, <0, 0, 4>, 5, 5 adaptive 1 circular orient
}
light_source { <18, 9, -6> rgb <0.25, 0.35, 0.55> shadowless }

sky_sphere {
  pigment {
    gradient y
    color_map {
      [0.00 srgb <0.05, 0.07, 0.14>]
      [0.48 srgb <0.16, 0.20, 0.34>]
      [0.53 srgb <0.78, 0.52, 0.38>]
      [0.60 srgb <0.55, 0.50, 0.58>]
      [0.75 srgb <0.24, 0.38, 0.62>]
      [1.00 srgb <0.10, 0.18, 0.40>]
    }
    scale 2
    translate -1
  }
}

// From the troughs to the crests: night blue, teal, sand, ember.
#declare Colours = function {
  spline {
    linear_spline
    0.0, <0.03, 0.06, 0.20>
    1.5, <0.04, 0.22, 0.38>
    2.2, <0.10, 0.48, 0.50>
    2.8, <0.85, 0.66, 0.35>
    3.4, <0.95, 0.28, 0.10>
  }
}

#for (I, -Half, Half)
  #for (K, -Half, Half)
    #local X = I * Spacing;
    #local Z = K * Spacing;
    #if (X * X + Z * Z < (Half + 0.4) * (Half + 0.4))
      #local Top = Height(X, Z);
      #local Colour = Colours(Top);
      box {
        <X - 0.43, 0, Z - 0.43>, <X + 0.43, Top, Z + 0.43>
        pigment { srgb <Colour.x, Colour.y, Colour.z> }
        finish { ambient 0.05 diffuse 0.75 specular 0.35 roughness 0.02 reflection { 0.02, 0.18 } }
      }
    #end
  #end
#end

// The ball keeps clear of the columns below it.
#declare BallTop = max(Height(0, 0), max(Height(1, 0), max(Height(-1, 0), max(Height(0, 1), Height(0, -1)))));
sphere {
  <0, BallTop + 1.75 + 0.35 * sin(2 * Turn), 0>, 1.55
  pigment { rgb 0.04 }
  finish { ambient 0 diffuse 0.2 specular 0.9 roughness 0.004 reflection { 0.55, 0.9 } }
}

plane {
  y, 0
  pigment { rgb <0.015, 0.02, 0.035> }
  finish { ambient 0 diffuse 0.6 reflection { 0.05, 0.35 } }
}
