document.getElementById("external").textContent = "ran";
